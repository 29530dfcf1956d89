"""The real template: every released version becomes the newest one, and features come and go without a trace."""

import subprocess
import sys
from pathlib import Path

import pytest

from copperplate.commands.update import UpdateRequest, resume, update
from copperplate.migrations import script
from copperplate.migrations.layout import is_rendered
from copperplate.progress import Silent
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Value
from copperplate.templates import bundled, template
from copperplate.update.result import Options, State
from testing import projects
from testing.git import git
from testing.snapshots import snapshot
from testing.worlds import World

NEWEST = bundled.newest().version
OLDER = [version for version in bundled.released() if version != NEWEST]
PACKAGE = "shop"


def rendered(folder: Path, version: str, answers: dict[str, Value]) -> None:
    """Return the files that `new` would make, without the lock."""
    with template.of_release(bundled.find(version), bundled.SOURCE) as opened:
        opened.render(folder, Answers.from_data(answers, opened.manifest))


@pytest.mark.parametrize(
    ("version", "answers"), [(OLDER[0], "as suggested"), *((version, "everything on") for version in OLDER)]
)
def test_an_unchanged_project_becomes_the_same_as_a_new_one(world: World, version: str, answers: str) -> None:
    given: dict[str, Value] = {"project_name": "Shop"} if answers == "as suggested" else projects.everything(version)
    rendered(world.project, version, given)
    world.commit()
    world.versions = dict(bundled.released())
    result = world.update(lock=False)
    assert result.state is State.LANDED
    rendered(world.top.parent / "fresh", NEWEST, given)
    assert snapshot(world.project) == snapshot(world.top.parent / "fresh")
    assert world.status() == ""


def test_a_changed_project_loses_nothing_in_an_update_to_the_newest(tmp_path: Path) -> None:
    """Its own checks run in `python -m scripts.soak releases`, because they take minutes."""
    project = tmp_path / "shop"
    projects.printed(project, "0.1.0", {"example": True})
    projects.worked_on(project)
    options = Options(verify=False)
    assert update(project, UpdateRequest(), options=options, progress=Silent()).state is State.CONFLICTS
    projects.resolved(project)
    assert resume(project, options=options, progress=Silent()).state is State.LANDED
    assert projects.lost(project) == []
    scripts = script.read_all(project, PACKAGE)
    assert [each.file.stem for each in script.ordered(scripts)][2:] == [
        "orders",
        "0003_items_by_status",
        "0004_items_check_name",
        "0005_items_category",
    ]
    assert script.head(scripts)
    assert git("status", "--porcelain", cwd=project) == ""
    for command in (("check", "."), ("format", "--check", ".")):
        subprocess.run([sys.executable, "-m", "ruff", *command], cwd=project, check=True)


def test_features_without_tables_are_added_and_removed_without_a_trace(world: World) -> None:
    switches = [feature for feature in projects.asked(NEWEST).features if feature.question.kind == "bool"]
    off: dict[str, Value] = {"project_name": "Shop", **{feature.question.name: False for feature in switches}}
    rendered(world.project, NEWEST, off)
    world.commit()
    before = snapshot(world.project)
    world.versions = dict(bundled.released())
    chosen = []
    for name in [feature.question.name for feature in switches if not feature.needs]:
        added = [change.path for change in world.update(stay=True, on=(name,), dry_run=True, lock=False).report.added]
        if not any(is_rendered(path, PACKAGE) for path in added):
            chosen.append(name)
    assert chosen
    assert world.update(stay=True, on=tuple(chosen), lock=False).state is State.LANDED
    assert snapshot(world.project) != before
    assert world.update(stay=True, off=tuple(chosen), lock=False).state is State.LANDED
    assert snapshot(world.project) == before
    assert world.status() == ""
