"""Commands `copperplate new` and `copperplate features`: a new project, and the features that it can have."""

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate import compare, destination, lockfile, uv
from copperplate.destination import Destination
from copperplate.errors import Creation, RefusedError
from copperplate.git import commits, query
from copperplate.git.run import require_git
from copperplate.progress import Progress, Step, Steps
from copperplate.questions.answers import Answers, default_of
from copperplate.questions.manifest import Manifest, Value, written
from copperplate.questions.validation import derived_project_name
from copperplate.system import folders, signals
from copperplate.system.disk import file_names
from copperplate.templates import bundled
from copperplate.templates.template import Template

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class Options:
    install: bool = True
    commit: bool = True
    verify: bool = False
    python: str | None = None


@dataclass(frozen=True, slots=True)
class NewResult:
    path: Path
    template_version: str
    answers: Answers
    files: tuple[str, ...]
    steps: tuple[Step, ...]
    installed: bool
    committed: bool
    inside_repository: Path | None
    """The repository around the project, if the project makes no repository of its own."""
    verified: "VerifyResult | None"


def new(path: Path, answers: Answers, template: Template, *, options: Options, progress: Progress) -> NewResult:
    """Make the project at `path`, an absolute path that `destination.checked` has accepted."""
    around = query.work_tree_around(path.parent)
    commit = options.commit and around is None
    if commit:
        require_git()
    if options.install:
        _refuse_workspace(path)
    pinned = None
    if options.python is not None:
        pinned = uv.choose_python(options.python, floor=answers.python_version, download=options.install)
    steps = Steps(progress)
    try:
        with destination.opened(path) as place:
            with steps.step("Render"):
                template.render(place.stage, answers, run_tasks=bool(template.manifest.runs_code))
                if template.source == bundled.SOURCE:  # `status` and `diff` compare with it
                    compare.store_rendering(place.stage, template.release)
                _seed(place.stage, template, answers, pinned)
                _leave_modes_to_the_mask(place.stage)
            if options.install:
                with steps.step("Lock"):
                    _lock(place.stage, options.python)
            files = tuple(name for name in file_names(place.stage) if not name.startswith(".git/"))
            if commit:
                with steps.step("Commit"):
                    _commit(place, answers, template)
            place.land()
            if options.install:
                with steps.step("Install"):
                    uv.sync(path, python=options.python)
        if options.verify:
            signals.heed(Creation(path))
    except OSError as error:
        what = f"{path} cannot be written: {error.strerror or error}"
        raise RefusedError(what, "make room or name another folder, and try again") from error
    return NewResult(
        path=path,
        template_version=template.version,
        answers=answers,
        files=files,
        steps=steps.done,
        installed=options.install,
        committed=commit,
        inside_repository=around if options.commit else None,
        verified=_verified(path, steps) if options.verify else None,
    )


def preview(answers: Answers, template: Template) -> tuple[str, ...]:
    """List the files that `new` would write, by rendering them into a temporary folder."""
    with folders.temporary() as folder:
        stage = folder / "project"
        template.render(stage, answers)
        _seed(stage, template, answers, pinned=None)
        return file_names(stage)


def _seed(stage: Path, template: Template, answers: Answers, pinned: str | None) -> None:
    """Add the files that are not rendered: the template's tested lock, and the user's choice of Python."""
    if template.lock is not None:
        lock = lockfile.with_root_name(template.lock.read_text(encoding="utf-8"), answers.distribution_name)
        (stage / "uv.lock").write_text(lock, encoding="utf-8")
    if pinned is not None:  # otherwise `uv run` would use the Python that the template pins
        (stage / ".python-version").write_text(f"{pinned}\n", encoding="utf-8")


def _leave_modes_to_the_mask(stage: Path) -> None:
    """Give each file the mode that the user's umask asks for; the modes in the template are those of its author."""
    allowed = stage.stat().st_mode
    for name in file_names(stage):
        file = stage / name
        if not name.startswith(".git/") and not file.is_symlink():
            file.chmod(allowed & (0o777 if file.stat().st_mode & 0o100 else 0o666))


def _lock(stage: Path, python: str | None) -> None:
    """Lock in a temporary folder: uv must not find a workspace in a folder above the project."""
    with folders.temporary() as folder:
        for name in ("pyproject.toml", "uv.lock", ".python-version"):
            if (stage / name).exists():
                shutil.copyfile(stage / name, folder / name)
        uv.lock(folder, python=python)
        shutil.copyfile(folder / "uv.lock", stage / "uv.lock")


def _commit(place: Destination, answers: Answers, template: Template) -> None:
    if not place.in_fresh_repository:
        commits.init(place.stage)
    message = f"Create {answers.distribution_name} with Copperplate {template.version}"
    commits.commit_all(place.stage, message, commits.Identity(answers.author_name, answers.author_email))


def _refuse_workspace(path: Path) -> None:
    """Refuse a member of a workspace: uv would install it into the workspace, which `new` must not change."""
    workspace = uv.workspace_of(path)
    if workspace is not None:
        what = f"{path} would be a member of the uv workspace {workspace}"
        raise RefusedError(what, "pass --no-install, then run `uv sync` in the workspace")


def _verified(path: Path, progress: Progress) -> "VerifyResult":
    from copperplate.commands.verify import verify  # noqa: PLC0415 - only who asks for it pays for it

    return verify(path, progress=progress)


_UV_IS_MISSING = (
    "the command `uv` is not on your PATH, and the project's README uses it. To install it: `pipx install uv`, "
    "or see https://docs.astral.sh/uv/getting-started/installation/"
)
_ANOTHER_ENVIRONMENT = (
    "a virtual environment is active in this shell. The project has its own environment, so uv warns that "
    "VIRTUAL_ENV does not match. `unset VIRTUAL_ENV` ends the warning."
)


def equivalent(destination: str, answers: Answers, manifest: Manifest, flags: tuple[str, ...] = ()) -> str:
    """Return the command that generates the same project without prompts; it leaves out answers that are defaults."""
    given = answers.data()
    folder = Path(os.path.abspath(destination)).name  # noqa: PTH100 - resolving would follow links
    assumed = {"project_name": derived_project_name(folder)}
    asked = [
        f"{question.name}={written(given[question.name])}"
        for question in manifest.questions
        if question.name in given and given[question.name] != assumed.get(question.name, default_of(question, given))
    ]
    place = f"./{destination}" if destination.startswith("-") else destination
    data = [part for answer in asked for part in ("--data", answer)]
    return shlex.join(["copperplate", "new", place, "--defaults", *data, *flags])


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Commands that start the new project, from the user's current folder."""

    commands: tuple[str, ...]
    notes: tuple[str, ...]
    """Notes about this machine that change what the user has to type."""


def next_steps(path: Path, answers: Answers) -> NextSteps:
    """Return commands that can be pasted into this shell one after another."""
    commands: list[str] = []
    notes: list[str] = []
    if path != Path.cwd():
        commands.append(f"cd {shlex.quote(_from_here(path))}")
    uv_command = "uv"
    if shutil.which("uv") is None:
        notes.append(_UV_IS_MISSING)
        if shutil.which("pipx"):
            commands.append("pipx install uv")
        else:
            uv_command = shlex.quote(str(uv.binary()))
    active = os.environ.get("VIRTUAL_ENV")
    if active and Path(active) != path / ".venv" and "UV_RUN_RECURSION_DEPTH" not in os.environ:
        notes.append(_ANOTHER_ENVIRONMENT)
        commands.append("unset VIRTUAL_ENV")
    return NextSteps((*commands, f"{uv_command} run {answers.distribution_name} dev"), tuple(notes))


def _from_here(path: Path) -> str:
    """Return the path for `cd`. If the shell entered this folder through a link, `..` means another folder there."""
    relative = os.path.relpath(path)
    if relative.startswith("..") and os.environ.get("PWD") != str(Path.cwd()):
        return str(path)
    return f"./{relative}" if relative.startswith("-") else relative


@dataclass(frozen=True, slots=True)
class FeatureRow:
    name: str
    title: str
    default: Value | None
    choices: tuple[str, ...]
    """Values to choose from; empty for a feature that is only on or off."""
    adds: str
    files: tuple[str, ...]
    dependencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeaturesResult:
    template_version: str
    features: tuple[FeatureRow, ...]


def features(manifest: Manifest, template_version: str) -> FeaturesResult:
    rows = []
    for feature in manifest.features:
        question, parts = feature.question, (feature.adds, feature.files, feature.dependencies)
        choices = tuple(question.choices.values())
        rows.append(FeatureRow(question.name, feature.title, question.default, choices, *parts))
    return FeaturesResult(template_version, tuple(rows))
