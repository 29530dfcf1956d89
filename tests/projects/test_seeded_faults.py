"""Seeded faults: faults are put into a project, and the right level must be the first to find each."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.verify import LEVELS, Level, LevelResult, Status, Target, levels, run_levels
from testing import template_tests
from testing.contract import CONTRACT
from testing.matrix import slots
from testing.matrix.slots import Slot
from testing.parse import PARSE
from tests.projects.answers import EVERYTHING
from tests.projects.faults import COVERED, FAULTS, Fault, NothingChangedError, applied
from tests.projects.faults.edits import Edit, added, appended, kept, replaced
from tests.projects.running import servers

pytestmark = pytest.mark.long

ORDER = {level.name: level for level in (PARSE, *LEVELS, CONTRACT)}
NAMES = list(ORDER)

PYTHON = "3.12"


@pytest.fixture(scope="module")
def project(slot: Slot) -> Iterator[Path]:
    """A project with all that has routes or tables, and with all tests; its servers are started once for all faults."""
    path = slot.installed_project(f"row-{PYTHON}", EVERYTHING | {"observability": False}, PYTHON)
    template_tests.lay(path)
    slots.warm_up_types(path, PYTHON)
    with servers(path) as lent, pytest.MonkeyPatch.context() as patch:
        for variable, url in lent.items():
            patch.setenv(f"TEST_{variable}", url)
        yield path


@contextmanager
def seeded(project: Path, faults: Iterable[Fault]) -> Iterator[None]:
    """Put in the faults, take them out again, and leave the environment as the lock has it."""
    faults = list(faults)
    edits = [edit for fault in faults for edit in fault.edits]
    with ExitStack() as stack:
        if any(edit.path == "pyproject.toml" for edit in edits):
            stack.callback(uv.sync, project)
        stack.enter_context(applied(project, edits))
        if any(fault.relocked for fault in faults):
            stack.enter_context(applied(project, [kept("uv.lock")]))
            uv.lock(project)
        yield


def together(faults: Iterable[Fault]) -> list[list[Fault]]:
    """Those that the same tests of the project, or the same program, tell of are put in at once: each says which."""
    groups: dict[object, list[Fault]] = {}
    for fault in faults:
        groups.setdefault(fault.tests or fault.reporter or fault.name, []).append(fault)
    return list(groups.values())


def names(faults: list[Fault]) -> str:
    return "-and-".join(map(str, faults))


def later_than(level: str) -> list[Fault]:
    """Faults that the level must not see. One that has changed the lock has all levels before its own to itself."""
    return [fault for fault in FAULTS if NAMES.index(fault.level) > NAMES.index(level) and not fault.relocked]


def run(project: Path, *chosen: Level) -> list[LevelResult]:
    return list(run_levels(Target(project, "shop", "shop"), chosen).levels)


@pytest.mark.parametrize("faults", together(FAULTS), ids=names)
def test_a_fault_is_seen_by_its_level(project: Path, faults: list[Fault]) -> None:
    """Of one that has changed the lock, also that no level before sees it."""
    (name,) = {fault.level for fault in faults}
    before = [ORDER[name] for name in NAMES[: NAMES.index(name)]] if faults[0].relocked else []
    with seeded(project, faults):
        *passed, failed = run(project, *before, levels.tests(*faults[0].tests) if faults[0].tests else ORDER[name])
    assert [result.name for result in passed if result.status is not Status.PASSED] == []
    assert failed.status is Status.FAILED
    for fault in faults:
        assert re.search(fault.says, failed.output), f"{fault} is not seen:\n{failed.tail}"


@pytest.mark.parametrize("name", [name for name in NAMES[:-1] if name not in {"isolation", "tests"}])
def test_a_level_does_not_see_faults_of_later_levels(project: Path, name: str) -> None:
    """So each of those faults, all of which are there at once, is seen first by its own level.

    `isolation` is one of the project's tests, and fails after some of the faults that the other tests see.
    """
    with seeded(project, later_than(name)):
        (result,) = run(project, ORDER[name])
    assert result.status is Status.PASSED, result.tail


def test_without_a_fault_the_coverage_passes(project: Path) -> None:
    (result,) = run(project, levels.tests(*COVERED))
    assert result.status is Status.PASSED, result.tail


def test_every_level_has_different_faults() -> None:
    assert {fault.level for fault in FAULTS} == set(NAMES)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20


@pytest.mark.parametrize(
    "edit",
    [
        replaced("file", "gone", "new"),
        replaced("file", "twice", "once"),
        replaced("file", "once", "once"),
        replaced("missing", "gone", "new"),
        appended("missing", "more"),
        appended("file", ""),
        added("file", "text"),
    ],
)
def test_an_edit_that_changes_nothing_is_refused(tmp_path: Path, edit: Edit) -> None:
    (tmp_path / "file").write_text("once twice twice")
    with pytest.raises(NothingChangedError), applied(tmp_path, [appended("file", " more"), edit]):
        pytest.fail("it was let through")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("file", "once twice twice")]
