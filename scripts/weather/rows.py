"""The projects that versions are tried on."""

from collections.abc import Iterable
from pathlib import Path

from copperplate import project, template, uv
from copperplate.answers import Answers
from copperplate.errors import CopperplateError
from copperplate.manifest import Manifest, Value
from copperplate.progress import Progress
from copperplate.render import render
from copperplate.verify import LEVELS, Level, Status, Target, run_levels
from scripts.lock_template import ROOT, superset
from scripts.weather.survey import Failure


def answers_of_rows(asked: Manifest) -> dict[str, Answers]:
    """By the name of the row: everything on, everything off, each option alone."""
    on = {feature.question.name: next(iter(feature.question.choices.values()), True) for feature in asked.features}
    off = {name: "none" if isinstance(value, str) else False for name, value in on.items()}
    rows: dict[str, dict[str, Value]] = {"everything": on, "nothing": off}
    rows |= {f"{name}-alone": off | {name: value} for name, value in on.items()}
    return {name: Answers.from_data({"project_name": "Shop", **row}, asked) for name, row in rows.items()}


def rendered_superset(folder: Path, asked: Manifest) -> Path:
    """The project that `template.lock` belongs to."""
    return rendered(folder, superset(asked))


def rendered(folder: Path, answers: Answers) -> Path:
    with template.from_checkout(ROOT) as source:
        render(source.folder, folder, answers.data(), version=source.version, source=source.source)
    return folder


def judged(name: str, path: Path, lock: bytes, levels: Iterable[Level], progress: Progress) -> tuple[Failure, ...]:
    """Give the project these versions, install them, and run the levels."""
    (path / "uv.lock").write_bytes(lock)
    try:
        uv.lock(path)
        uv.sync(path)
    except CopperplateError as error:
        return (Failure(name, "install", f"{error.what}\n{error.hint}"),)
    found = project.load(path)
    result = run_levels(Target(found.root, found.package_name, found.distribution_name), levels, progress=progress)
    return tuple(Failure(name, level.name, level.tail) for level in result.levels if level.status is Status.FAILED)


def levels_up_to(names: Iterable[str]) -> tuple[Level, ...]:
    """Those of these names, and what they need: enough to see again what has failed."""
    wanted = set(names)
    for level in reversed(LEVELS):
        if level.name in wanted:
            wanted |= set(level.needs)
    return tuple(level for level in LEVELS if level.name in wanted)
