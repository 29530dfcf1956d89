"""Prompts on a terminal: a line of text, yes or no, a choice. Without a cursor to move, they are plain lines."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from copperplate.console.output import line
from copperplate.errors import Cancelled
from copperplate.system import signals

if TYPE_CHECKING:
    import questionary
    from prompt_toolkit.application import Application


Choice = tuple[str, str]
"""Title of a choice, and its value."""


class Prompter(Protocol):
    """Asks one question at a time. Each method raises `Cancelled` at the end of the input.

    It also raises it on Ctrl-C if the prompt reads Ctrl-C as a key. Otherwise Ctrl-C is a signal.
    """

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        """Return a line of text, or `default` if the user types nothing; `typed` are earlier attempts."""

    def confirm(self, message: str, *, default: bool) -> bool:
        """Return the answer to a yes-or-no question."""

    def choose(self, message: str, choices: Sequence[Choice], *, default: str | None) -> str:
        """Return the value of one of `choices`."""


def for_terminal() -> Prompter:
    return LinePrompter() if os.environ.get("TERM", "") in {"", "dumb", "unknown"} else CursorPrompter()


class CursorPrompter:
    """Prompts with a cursor: arrow keys choose, and the line shows the default until the user types."""

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
    """Prompts without a cursor: the user types whole lines."""

    def __init__(self) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="surrogateescape")  # the user can type any bytes; the answer is checked later

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        del typed  # no key brings an earlier attempt back
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
    """Let a signal end the prompt between two of its steps; it is raised as `Interrupted` on exit.

    If a handler raised an exception inside a step, the prompt would print it as a bug and continue.
    """
    received: list[int] = []

    def end() -> None:
        if received and prompt.future is not None and not prompt.future.done():
            prompt.exit(exception=signals.Interrupted(received[0]))

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        with suppress(RuntimeError):  # the loop is closed, so the prompt has already ended
            if prompt.loop is not None:
                prompt.loop.call_soon_threadsafe(end)

    before = {number: signal.signal(number, receive) for number in signals.ENDING}
    try:
        yield end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise signals.Interrupted(received[0])
