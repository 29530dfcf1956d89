"""The real template: every released version becomes the newest one, and features come and go without a trace."""

from pathlib import Path

import pytest

from copperplate import history, template
from copperplate.answers import Answers
from copperplate.manifest import Manifest, Value
from copperplate.render import render
from copperplate.revisions import places
from copperplate.updating.results import State
from scripts.lock_template import superset
from tests.update.conftest import World, snapshot

NEWEST = history.newest().version
PACKAGE = "shop"


def rendered(folder: Path, version: str, answers: dict[str, Value]) -> None:
    """What `new` would have printed, but for the lock."""
    with template.of_release(history.find(version), history.SOURCE) as opened:
        complete = Answers.from_data(answers, opened.manifest).data()
        render(opened.folder, folder, complete, version=version, source=history.SOURCE)


def asked(version: str) -> Manifest:
    with template.of_release(history.find(version), history.SOURCE) as opened:
        return opened.manifest


def everything(version: str) -> dict[str, Value]:
    """All that was there to choose in `version`."""
    answers = superset(asked(version)).data()
    return {**answers, "project_name": "Shop", "distribution_name": "shop", "package_name": PACKAGE}


@pytest.mark.parametrize("answers", ["as suggested", "everything on"])
@pytest.mark.parametrize("version", [version for version in history.released() if version != NEWEST])
def test_an_untouched_project_becomes_what_a_fresh_one_is(world: World, version: str, answers: str) -> None:
    given: dict[str, Value] = {"project_name": "Shop"} if answers == "as suggested" else everything(version)
    rendered(world.project, version, given)
    world.commit()
    world.versions = dict(history.released())
    result = world.update(lock=False)
    assert result.state is State.LANDED
    rendered(world.top.parent / "fresh", NEWEST, given)
    assert snapshot(world.project) == snapshot(world.top.parent / "fresh")
    assert world.status() == ""


def test_features_without_tables_come_and_go_without_a_trace(world: World) -> None:
    features = [feature.question.name for feature in asked(NEWEST).features if feature.question.kind == "bool"]
    off: dict[str, Value] = {"project_name": "Shop", **dict.fromkeys(features, False)}
    rendered(world.project, NEWEST, off)
    world.commit()
    before = snapshot(world.project)
    world.versions = dict(history.released())
    chosen = []
    for name in features:
        added = [change.path for change in world.update(stay=True, on=(name,), dry_run=True, lock=False).report.added]
        if not any(places.is_rendered(path, PACKAGE) for path in added):
            chosen.append(name)
    assert chosen
    assert world.update(stay=True, on=tuple(chosen), lock=False).state is State.LANDED
    assert snapshot(world.project) != before
    assert world.update(stay=True, off=tuple(chosen), lock=False).state is State.LANDED
    assert snapshot(world.project) == before
    assert world.status() == ""
