"""Prompts: one question on the terminal. A terminal that cannot move its cursor gets plain lines."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from copperplate.console.lines import line
from copperplate.errors import Cancelled
from copperplate.system import signals

if TYPE_CHECKING:
    import questionary
    from prompt_toolkit.application import Application

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

Choice = tuple[str, str]
"""Title, and the value that stands for it."""


class Prompter(Protocol):
    """Asks one question at a time. Each method raises `Cancelled` at the end of the input.

    So it does on Ctrl-C where that is a key of the prompt; elsewhere Ctrl-C is a signal.
    """

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        """Return a line of text, `default` where the user types nothing; `typed` are earlier attempts."""

    def confirm(self, message: str, *, default: bool) -> bool:
        """Return the answer to a question of yes or no."""

    def choose(self, message: str, choices: Sequence[Choice], *, default: str | None) -> str:
        """Return the value of one of `choices`."""


def for_terminal() -> Prompter:
    return LinePrompter() if os.environ.get("TERM", "") in {"", "dumb", "unknown"} else CursorPrompter()


class CursorPrompter:
    """Arrow keys choose, and a default stands in the line until something is typed."""

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        import questionary
        from prompt_toolkit.history import InMemoryHistory

        shown = f"({default})" if default else f"(such as {example})" if example else ""
        question = questionary.text(
            f"{message}:",
            placeholder=[("class:placeholder", shown)],
            style=questionary.Style([("placeholder", "fg:ansibrightblack")]),
            history=InMemoryHistory([text for text in (default, *typed) if text.isprintable()]),
        )
        return str(_asked(question)) or default

    def confirm(self, message: str, *, default: bool) -> bool:
        import questionary

        return bool(_asked(questionary.confirm(message, default=default, auto_enter=False)))

    def choose(self, message: str, choices: Sequence[Choice], *, default: str | None) -> str:
        import questionary

        listed = [questionary.Choice(title, value=value) for title, value in choices]
        return str(_asked(questionary.select(message, choices=listed, default=default)))


class LinePrompter:
    """Reads whole lines, and moves no cursor."""

    def __init__(self) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="surrogateescape")  # any bytes can be typed; the answer is checked

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        del typed  # there is no key that brings it back
        shown = f" ({default})" if default else f" (such as {example})" if example else ""
        return self._line(f"{message}{shown}: ") or default

    def confirm(self, message: str, *, default: bool) -> bool:
        while True:
            typed = self._line(f"{message} ({'Y/n' if default else 'y/N'}): ").strip().lower()
            if typed in {"", "y", "yes", "n", "no"}:
                return typed.startswith("y") if typed else default
            line(("  Type y or n.", "red"))

    def choose(self, message: str, choices: Sequence[Choice], *, default: str | None) -> str:
        values = [value for _, value in choices]
        for number, (title, _) in enumerate(choices, 1):
            line(f"  {number:>2}  {title}")
        preset = values.index(default) + 1 if default in values else 1
        while True:
            typed = self._line(f"{message} Type a number ({preset}): ").strip() or str(preset)
            if typed.isdecimal() and 1 <= int(typed) <= len(values):
                return values[int(typed) - 1]
            line((f"  Type a number from 1 to {len(values)}.", "red"))

    def _line(self, prompt: str) -> str:
        sys.stdout.write(prompt)
        sys.stdout.flush()
        typed = sys.stdin.readline()
        if not typed:
            line()
            raise Cancelled
        return typed.removesuffix("\n")


def _asked(question: "questionary.Question") -> object:
    try:
        with _signals_end(question.application) as end:
            return question.application.run(pre_run=end, handle_sigint=False)
    except (KeyboardInterrupt, EOFError):
        raise Cancelled from None


@contextmanager
def _signals_end(prompt: "Application[object]") -> Iterator[Callable[[], None]]:
    """While open, a signal ends the prompt between two of its steps, and is raised as `Interrupted` on the way out.

    An exception that a handler raises in the middle of a step would be shown as a defect, and the prompt would go on.
    """
    received: list[int] = []

    def end() -> None:
        if received and prompt.future is not None and not prompt.future.done():
            prompt.exit(exception=signals.Interrupted(received[0]))

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        with suppress(RuntimeError):  # the loop is closed, so the prompt has ended
            if prompt.loop is not None:
                prompt.loop.call_soon_threadsafe(end)

    before = {number: signal.signal(number, receive) for number in _ENDING}
    try:
        yield end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise signals.Interrupted(received[0])
