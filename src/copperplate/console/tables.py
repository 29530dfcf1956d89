"""What is shown as a table."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from copperplate.console.lines import line, one_line

if TYPE_CHECKING:
    from copperplate.commands.features import FeaturesResult
    from copperplate.verify.results import Duration, VerifyResult

_SHOWN_LINES = 60


def features(result: "FeaturesResult") -> None:
    table = Table(show_lines=True)
    for heading in ("feature", "choices", "adds"):
        table.add_column(heading, overflow="fold")
    for row in result.features:
        choices = row.choices or ("true", "false")
        default = str(row.default).lower() if isinstance(row.default, bool) else row.default
        marked = "\n".join(f"{choice} (default)" if choice == default else choice for choice in choices)
        extras = "\n".join((*row.files, *row.dependencies))
        table.add_row(row.name, marked, Text.assemble(row.adds, "\n", (extras, "dim")))
    Console(highlight=False).print(table)


def _durations(title: str, slowest: "tuple[Duration, ...]") -> None:
    for number, one in enumerate(slowest):
        if number == 0:
            line((f"{title}:", "dim"))
        line(f"  {one.seconds:6.1f} s  {one_line(one.name)}")


def verify(result: "VerifyResult") -> None:
    """Each check with its time, the slowest, and the last lines of output of each that failed."""
    out = Console(highlight=False)
    table = Table()
    table.add_column("check")
    table.add_column("result")
    table.add_column("seconds", justify="right")
    colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for level in result.levels:
        table.add_row(level.name, Text(level.status, colours[level.status]), f"{level.seconds:.1f}")
    out.print(table)
    if len(result.levels) > 1:
        _durations("Slowest checks", result.slowest)
    _durations("Slowest tests", result.slowest_tests)
    for level in result.levels:
        if level.status == "failed":
            lines = level.output.splitlines()[-_SHOWN_LINES:]
            out.print(Text(f"\n{level.name}: {level.command}", "bold"), soft_wrap=True)
            out.print(Text("\n".join(lines)), soft_wrap=True)
