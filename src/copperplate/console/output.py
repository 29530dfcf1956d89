"""Output: coloured lines, JSON documents, and the progress of a command."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from copperplate.errors import Creation, Done, Recovery

if TYPE_CHECKING:
    from rich.status import Status


Part = str | tuple[str, str]
"""Text, or text and its style: a colour, `bold`, `dim`, or several of them with spaces between."""


_BYTES = {chr(0xDC00 + byte): f"\\{byte:03o}" for byte in range(0x80, 0x100)}
"""Characters by which Python represents bytes of a file name that are not text."""


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def shows_colour(*, err: bool = False) -> bool:
    """True to print colours, by the rules of no-color.org and force-color.org; by default, on a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return (sys.stderr if err else sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def line(*parts: Part, err: bool = False) -> None:
    """Print one line, of any length."""
    colour = shows_colour(err=err)
    typer.echo("".join(_styled(part, colour=colour) for part in parts), err=err, color=colour)


def one_line(text: str) -> str:
    """Return `text` without line ends and terminal controls; bytes that are not text are escaped as git does it."""
    return "".join(character if character.isprintable() else _BYTES.get(character, " ") for character in text)


def _styled(part: Part, *, colour: bool) -> str:
    text, style = part if isinstance(part, tuple) else (part, "")
    if not (style and colour):
        return text
    words = set(style.split())
    hue = next(iter(words - {"bold", "dim"}), None)
    return typer.style(text, fg=hue, bold="bold" in words or None, dim="dim" in words or None)


def as_json(result: object) -> None:
    text(json.dumps(result, ensure_ascii=False, indent=2, default=_plain))


def show(document: object, print_text: Callable[[], None], *, json: bool) -> None:
    """Print the document of a result with `json`, and otherwise its text."""
    if json:
        as_json(document)
    else:
        print_text()


def done(work: Done | None) -> str:
    """Return a sentence, without its full stop, about work that was done before something else; empty for none."""
    match work:
        case Recovery(project, is_finished, kept):
            how = "finished: only its last step was missing" if is_finished else "taken back"
            saved = f"; other programs' changes to its files are saved in {kept}" if kept else ""
            return f"an interrupted update of {project} has been {how}{saved}"
        case Creation(project):
            return f"{project} was created"
    return ""


def text(content: str) -> None:
    """Print `content` without characters that cannot be encoded: file names may hold any bytes."""
    sys.stdout.write(content.encode("utf-8", "replace").decode() + "\n")


def files(paths: tuple[str, ...]) -> None:
    for path in paths:
        sys.stdout.write(f"{path}\n")


def raw(content: bytes) -> None:
    """Print git's output, byte for byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


@contextmanager
def report() -> Iterator[None]:
    """Report finished work. If the report cannot be printed, warn on standard error; the work stays."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write(f"warning: the work is done, but its report cannot be printed: {error.strerror or error}\n")


def _plain(value: object) -> object:
    """Return a value of a type that JSON does not have as one that it has."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a JSON document")


_PARTS = 10
"""Number of progress lines for one long step, if no terminal shows it live."""


class LiveProgress:
    def __init__(self) -> None:
        self._open: list[str] = []
        """Open steps, the newest last."""
        self._spinner: Status | None = None
        self._told = 0
        """Parts of the last step that have been reported."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        self._open.append(name)
        self._told = 0
        self._spin()
        mark = ("✗", "red")
        try:
            yield
            mark = ("✓", "green")
        finally:
            self._open.remove(name)
            self._still()
            line(mark, f" {name:<14} ", (f"{time.perf_counter() - start:6.1f} s", "dim"), err=True)
            self._spin()

    def count(self, done: int, total: int) -> None:
        if self._spinner:
            self._spinner.update(f"{self._open[-1]:<14} {done} of {total}")
        elif done < total and done * _PARTS // total > self._told:
            self._told = done * _PARTS // total
            line(f"  {self._open[-1]:<14} {done} of {total}", err=True)

    def _spin(self) -> None:
        """Show the open step on a terminal, if there is one."""
        self._still()
        if not self._open or not sys.stderr.isatty():
            return
        from rich.console import Console  # noqa: PLC0415 - what is done at once does without

        self._spinner = Console(stderr=True, highlight=False).status(", ".join(self._open))
        self._spinner.start()

    def _still(self) -> None:
        if self._spinner:
            self._spinner.stop()
        self._spinner = None
