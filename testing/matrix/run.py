"""Run of one row: render it in a slot, and verify it."""

import resource
import time
from collections.abc import Iterable
from pathlib import Path

from copperplate import project, uv
from copperplate.progress import Progress, Silent
from copperplate.verify import Level, LevelResult, Status, Target, VerifyResult, run_levels
from testing import template_tests
from testing.matrix import memory, projects, shared, slots
from testing.matrix.levels import GLANCE, OF_A_ROW, OWN_TESTS, PART, PLACED, WITHOUT_TEMPLATE_TESTS
from testing.matrix.memory import Memory
from testing.matrix.results import RowResult
from testing.matrix.rows import Row
from testing.matrix.slots import Slot
from testing.parse import PARSE


def run_row(slot: Slot, row: Row, *, fresh: bool = False, progress: Progress | None = None) -> RowResult:
    """Run every level that this machine can run, unless the same files have passed before and not `fresh`."""
    clock = _Clock()
    progress = progress or Silent()
    with progress.step("render"):
        path, interpreter = _placed(slot, row)
        used = interpreter or uv.find_python(shared.TOOLS_PYTHON, cwd=path)
        laid = template_tests.files_for(path) if row.template_tests else {}
        remembered = memory.of(path, {**row.files, **laid}, used)
    if not fresh and (earlier := remembered.recall(row.name, row.python)):
        return earlier
    with progress.step("prepare"):
        if interpreter:
            slots.install(path, row.python)
        slots.warm_up_types(path, row.python, available=interpreter is not None)
        target = _target(path, tools=None if interpreter else shared.tools())
    levels = [*run_levels(target, (PARSE,), progress=progress).levels]
    for name, content in row.files.items():
        (path / name).write_text(content, encoding="utf-8")
    if interpreter:
        levels += run_levels(target, (OWN_TESTS,), progress=progress).levels
    template_tests.write(path, laid)
    wanted = OF_A_ROW if row.template_tests else WITHOUT_TEMPLATE_TESTS
    placed = [level for level in (PLACED if interpreter else PART) if level.name in {each.name for each in wanted}]
    levels += run_levels(target, placed, progress=progress).levels
    why = f"needs Python {row.python}, which is not here"
    verified = VerifyResult(_with_what_was_not_run(levels, wanted, why))
    return _kept(remembered, clock.result(row, verified))


def glance(slot: Slot, row: Row, *, progress: Progress | None = None) -> RowResult:
    """Render, parse, check the format and lint."""
    clock = _Clock()
    progress = progress or Silent()
    with progress.step("render"):
        path = slot.project("glance", row.answers)
        template_tests.lay(path)
        target = _target(path, tools=shared.tools())
    verified = run_levels(target, (PARSE, *GLANCE), progress=progress)
    return clock.result(row, verified)


def _placed(slot: Slot, row: Row) -> tuple[Path, Path | None]:
    """Render the row to the fixed folder for its Python, and lock it if that Python is installed."""
    name = f"row-{row.python}"
    path = slot.project(name, row.answers)
    interpreter = uv.find_python(row.python, cwd=path)
    if interpreter:
        projects.lock(path, row.python)
    return path, interpreter


def _target(path: Path, *, tools: Path | None) -> Target:
    found = project.load(path)
    return Target(found.root, found.package_name, found.distribution_name, tools)


def _with_what_was_not_run(levels: Iterable[LevelResult], wanted: Iterable[Level], why: str) -> tuple[LevelResult, ...]:
    run = {level.name: level for level in levels}
    return tuple(run.get(level.name, LevelResult(level.name, Status.SKIPPED, 0.0, why, "")) for level in wanted)


def _kept(remembered: Memory, result: RowResult) -> RowResult:
    remembered.keep(result)
    return result


class _Clock:
    """Wall time and processor time in seconds, the latter of all programs that have ended."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = self._used()

    def result(self, row: Row, verified: VerifyResult) -> RowResult:
        return RowResult(row.name, row.python, verified, time.monotonic() - self._wall, self._used() - self._cpu)

    @staticmethod
    def _used() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)
