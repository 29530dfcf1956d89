"""The only module that prints: results on standard output, progress and errors on standard error."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from copperplate.errors import CopperplateError

if TYPE_CHECKING:
    from copperplate.answers import Answers
    from copperplate.commands.doctor import DoctorResult
    from copperplate.commands.features import FeaturesResult
    from copperplate.commands.new import NewResult
    from copperplate.commands.status import StatusResult
    from copperplate.comparison import Differences
    from copperplate.updating.results import AbortResult, UpdateResult
    from copperplate.verify.results import VerifyResult

_SHOWN_LINES = 60


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


class LiveProgress:
    """One line a step: a spinner on a terminal, then the time it took."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            if self._console.is_terminal:
                with self._console.status(name):
                    yield
            else:
                yield
        except BaseException:
            self._line("[red]✗[/red]", name, start)
            raise
        self._line("[green]✓[/green]", name, start)

    def _line(self, mark: str, name: str, start: float) -> None:
        self._console.print(f"{mark} {name:<12} [dim]{time.perf_counter() - start:6.1f} s[/dim]")


def error(problem: CopperplateError) -> None:
    """Two lines, whatever the message holds."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("error: ", "bold red"), _one_line(problem.what)))
    console.print(Text.assemble(("  hint: ", "bold"), _one_line(problem.hint)))


def as_json(result: object) -> None:
    sys.stdout.write(_printable(json.dumps(_plain(result), ensure_ascii=False, indent=2)) + "\n")


def summary(answers: "Answers") -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in answers.data().items():
        table.add_row(Text(name, "dim"), Text(str(value).lower() if isinstance(value, bool) else value))
    Console(stderr=True, highlight=False).print(table)


def new(result: "NewResult", *, command: str, next_commands: tuple[str, ...]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    out.print(Text(f"\n{result.answers.project_name} is at {result.path}: {len(result.files)} files."))
    if result.inside_repository:
        out.print(Text(f"It lies in the git repository {result.inside_repository}: nothing was committed."))
    if result.verified:
        verify(result.verified)
    _again(out, command)
    out.print(Text("\nNext:", "dim"))
    for line in next_commands:
        out.print(Text(f"  {line}"))


def again(command: str) -> None:
    """After a failure: the answers that were typed, as a command."""
    _again(Console(stderr=True, highlight=False, soft_wrap=True), command)


def _again(out: Console, command: str) -> None:
    out.print(Text("\nThe same again, without questions:", "dim"))
    out.print(Text(f"  {command}"))


def files(paths: tuple[str, ...]) -> None:
    for path in paths:
        sys.stdout.write(f"{path}\n")


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


def status(result: "StatusResult") -> None:
    out = Console(highlight=False, soft_wrap=True)
    if result.behind:
        out.print(
            Text(f"{result.path} is at template {result.template_version}; the newest is {result.newest_version}.")
        )
    else:
        out.print(Text(f"{result.path} is at template {result.template_version}, the newest."))
    if not result.answers_intact:
        out.print(Text("Its answers file is not as it was rendered: git restore .copier-answers.yml", "yellow"))
    if result.unfinished:
        out.print(Text(f"In progress: {_one_line(result.unfinished)}.", "bold yellow"))
    _differences(out, f"{result.newest_version} would change", result.template)
    _differences(out, "The project has changed", result.project)
    if result.unfinished or result.behind:
        out.print(Text("\nNext:", "dim"))
    if result.unfinished:
        out.print(Text("  copperplate update --continue\n  copperplate update --abort"))
    elif result.behind:
        out.print(Text("  copperplate update --dry-run"))


def _differences(out: Console, heading: str, found: "Differences") -> None:
    if not found:
        return
    out.print(Text(f"\n{heading}:", "dim"))
    for mark, style, paths in (
        ("+", "green", found.added),
        ("~", "yellow", found.changed),
        ("-", "red", found.deleted),
    ):
        for path in paths:
            out.print(Text.assemble(("  ", ""), (mark, style), f" {_one_line(path)}"))


def raw(text: bytes) -> None:
    """Print what git wrote, byte for byte, for as long as somebody reads it."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `| head`; what is left in the buffer must not complain when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shows_colour() -> bool:
    console = Console()
    return console.is_terminal and not console.no_color


def verify(result: "VerifyResult") -> None:
    out = Console(highlight=False)
    table = Table()
    table.add_column("check")
    table.add_column("result")
    table.add_column("seconds", justify="right")
    colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for level in result.levels:
        table.add_row(level.name, Text(level.status, colours[level.status]), f"{level.seconds:.1f}")
    out.print(table)
    for level in result.levels:
        if level.status == "failed":
            lines = level.output.splitlines()[-_SHOWN_LINES:]
            out.print(Text(f"\n{level.name}: {level.command}", "bold"), soft_wrap=True)
            out.print(Text("\n".join(lines)), soft_wrap=True)


def update(result: "UpdateResult") -> None:
    from copperplate.updating import shown  # noqa: PLC0415 - the other verbs do without

    if result.patch:
        sys.stdout.write(_printable(result.patch) + "\n")
    if result.verified and not result.verified.passed:
        verify(result.verified)
    _lines(shown.update(result))


def abort(result: "AbortResult") -> None:
    from copperplate.updating import shown  # noqa: PLC0415 - the other verbs do without

    _lines(shown.abort(result))


def _lines(lines: Iterable[tuple[str, str]]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for text, style in lines:
        out.print(Text(_one_line(text), style))


def doctor(result: "DoctorResult") -> None:
    out = Console(highlight=False, soft_wrap=True)
    for finding in result.findings:
        mark = ("✓", "green") if finding.found else ("✗", "red" if finding.required else "yellow")
        out.print(Text.assemble(mark, f" {finding.name:<12} {finding.detail}"))
        if finding.hint:
            out.print(Text(f"{'':<15}{finding.hint}", "dim"))


def _plain(value: object) -> object:
    """`value` as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in asdict(value).items()}
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _printable(text: str) -> str:
    """`text` without what no encoding can hold: names of files may be any bytes."""
    return text.encode("utf-8", "replace").decode()


def _one_line(message: str) -> str:
    return "".join(character if character.isprintable() else " " for character in message)
