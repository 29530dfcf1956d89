"""Screen for a maintainer: the running rows, a line for each that has ended, and a table of all at the end.

The output of a failed level is shown as soon as its row ends.
"""

import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from copperplate.verify import LevelResult, Status
from testing.matrix.results import Outcome, RowResult

COLOURS = {Outcome.PASSED: "green", Outcome.PARTLY_RUN: "yellow", Outcome.FAILED: "red"}
MARKS = {Outcome.PASSED: "✓", Outcome.PARTLY_RUN: "~", Outcome.FAILED: "✗"}
TABLE_WIDTH = 140
"""Columns that the table needs; a log has no limit."""

SHOWN_IN_TABLE = 120
"""Largest number of rows in the table; of more, only those that have not passed."""


class Screen:
    """Context that shows the running rows in the last lines of a terminal."""

    def __init__(self, total: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._total = total
        self._done = 0
        self._steps: dict[str, tuple[str, float]] = {}
        self._live = Live(console=self._console, get_renderable=self._busy, transient=True, refresh_per_second=4)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def watch(self, row: str, step: str) -> None:
        self._steps = {**self._steps, row: (step, time.monotonic())}

    def done(self, result: RowResult) -> None:
        self._done += 1
        self._steps = {row: step for row, step in self._steps.items() if row != result.name}
        mark = (MARKS[result.outcome], COLOURS[result.outcome])
        place = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
        first = next((f", {level.name}" for level in result.verified.levels if level.status is Status.FAILED), "")
        times = f"{result.seconds:.1f} s, {result.cpu_seconds:.1f} s CPU"
        told = f" {result.name} on {result.python}: {result.told}{first}, {times}"
        self._console.print(Text.assemble((place, "dim"), " ", mark, told), soft_wrap=True)
        if result.outcome is Outcome.FAILED:
            self._console.print(Text(f"Run it again: {result.again}"), soft_wrap=True)
        for level in result.verified.levels:
            if level.status is Status.FAILED:
                self._console.print(Text(f"{result.name}: {level.name}: {level.command}", "bold"), soft_wrap=True)
                self._console.print(Text(level.tail), soft_wrap=True)

    def _busy(self) -> Group:
        now, steps = time.monotonic(), sorted(self._steps.items())
        width = max((len(row) for row, _ in steps), default=0)
        lines = [f"  {row:<{width}} {step:<12} {now - since:6.1f} s" for row, (step, since) in steps]
        return Group(*(Text(line, "cyan") for line in lines))


def table(results: Sequence[RowResult], seconds: float) -> None:
    """Print all results; the last line counts them by outcome, with their seconds."""
    console = Console(highlight=False)
    console.width = max(console.width, TABLE_WIDTH)
    shown = results if len(results) <= SHOWN_IN_TABLE else [r for r in results if r.outcome is not Outcome.PASSED]
    fullest_first = sorted(results, key=lambda result: -len(result.verified.levels))
    names = list(dict.fromkeys(level.name for result in fullest_first for level in result.verified.levels))
    grid = Table(box=None, padding=(0, 1, 0, 0))
    for heading in ("row", "python"):
        grid.add_column(heading, no_wrap=True)
    for heading in (*names, "all", "cpu"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("result", no_wrap=True)
    for result in shown:
        levels = {level.name: level for level in result.verified.levels}
        cells = [_cell(levels.get(name)) for name in names]
        times = [Text(f"{seconds:.1f}") for seconds in (result.seconds, result.cpu_seconds)]
        grid.add_row(result.name, result.python, *cells, *times, Text(result.told, COLOURS[result.outcome]))
    console.print(grid)
    counted = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    always = {Outcome.PASSED, Outcome.FAILED}
    told = [f"{number} {outcome}" for outcome, number in counted.items() if number or outcome in always]
    console.print(Text(f"\n{', '.join(told)} in {seconds:.0f} s"))


def _cell(level: LevelResult | None) -> Text:
    if level is None or level.status is Status.SKIPPED:
        return Text("–", "yellow")
    return Text(f"{level.seconds:.1f}", "red" if level.status is Status.FAILED else "green")
