"""Interview of `copperplate new`: one question at a time, then all answers, which the user can change."""

import reprlib
import shutil
import textwrap
from collections.abc import Callable, Mapping

from copperplate.cli.prompts import Choice, Prompter
from copperplate.console import again
from copperplate.console.output import line, one_line
from copperplate.errors import Cancelled, InputError
from copperplate.questions import answers as gate
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Question, Value

_NOTHING = "-"
"""Text that the user types to replace a default by an empty answer."""

_CREATE, _CANCEL = "+create", "+cancel"  # no question has such a name
_INDENT = "  "
_POINTER_WIDTH = 6
_NARROWEST = 20


class Interview:
    """Interview about one project: it asks for the answers, shows them and changes them."""

    def __init__(
        self,
        given: Mapping[str, object],
        defaults: Mapping[str, Value],
        manifest: Manifest,
        prompter: Prompter,
    ) -> None:
        """Answers in `given` are not asked for. `defaults` replace the template's own defaults.

        Raises `InputError` for a bad answer in `given`.
        """
        self._manifest = manifest
        self._prompter = prompter
        self._defaults = defaults
        self._answers = gate.checked_given(given, manifest)

    def ask(self) -> None:
        """Ask every question that has no answer yet; raises `Cancelled` if the user cancels."""
        _explain("Press Enter to take the answer in parentheses. You can change every answer at the end.")
        _explain("Ctrl-C cancels. Nothing is written before you confirm.")
        for question in self._manifest.questions:
            if question.name not in self._answers:
                default = self._defaults.get(question.name, gate.default_of(question, self._answers))
                self._answers[question.name] = self._asked(question, default)

    def confirmed(self, place: str, command: Callable[[Answers], str]) -> Answers:
        """Return the answers after the user has confirmed them.

        `command`, which generates the same project, is shown.
        """
        questions = {question.name: question for question in self._manifest.questions}
        while True:
            answers = self._checked()
            if answers is not None:
                again(command(answers))
            choice = self._prompter.choose(
                "Create the project, or change an answer?", self._menu(place), default=_CREATE
            )
            if choice == _CANCEL:
                raise Cancelled
            if choice in questions:
                self._change(questions[choice])
            elif answers is not None:
                return answers

    def _checked(self) -> Answers | None:
        """Return the answers if they fit together; otherwise print why they do not."""
        try:
            return Answers.from_data(self._answers, self._manifest)
        except InputError as error:
            _complain(f"{error.what}.")
            return None

    def _menu(self, place: str) -> list[Choice]:
        questions = self._manifest.questions
        width = max(shutil.get_terminal_size().columns - _POINTER_WIDTH, _NARROWEST)
        titles = [_shortened(question.help, width // 2) for question in questions]
        longest = max(map(len, titles))
        rows = [
            (_shortened(f"{title:<{longest}}  {self._shown(question)}", width), question.name)
            for question, title in zip(questions, titles, strict=True)
        ]
        return [(_shortened(f"Create the project in {place}", width), _CREATE), *rows, ("Cancel", _CANCEL)]

    def _shown(self, question: Question) -> str:
        value = self._answers[question.name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        return next((label for label, one in question.choices.items() if one == value), value) or "(empty)"

    def _change(self, question: Question) -> None:
        """Ask `question` again, and derive again the names that depend on its answer."""
        derived = [
            other
            for other in self._manifest.questions
            if self._answers[other.name] == gate.derived(other.name, self._answers)
        ]
        self._answers[question.name] = self._asked(question, self._answers[question.name])
        for other in derived:
            if other is not question:
                name = gate.derived(other.name, self._answers)
                fits = gate.problem(other, name, self._manifest) is None
                self._answers[other.name] = name if fits and name else self._asked(other, name)

    def _asked(self, question: Question, default: Value | None) -> Value:
        line(err=True)
        _explain(question.explanation)
        if question.kind == "bool":
            return self._prompter.confirm(question.help, default=bool(default))
        if question.choices:
            preset = default if isinstance(default, str) else None
            return self._prompter.choose(f"{question.help}:", list(question.choices.items()), default=preset)
        return self._typed(question, str(default or ""))

    def _typed(self, question: Question, default: str) -> Value:
        """Ask for a line of text until it is a valid answer to `question`."""
        if default and (problem := gate.problem(question, default, self._manifest)):
            _complain(f"The name {reprlib.repr(default)} cannot be used: it {problem}.")
            default = ""
        optional = gate.problem(question, "", self._manifest) is None
        if optional:
            _explain(f"Type {_NOTHING} to leave it empty." if default else "You can leave it empty.")
        typed: list[str] = []
        while True:
            value = self._prompter.text(question.help, default=default, example=question.placeholder, typed=typed)
            if optional and value == _NOTHING:
                value = ""
            problem = gate.problem(question, value, self._manifest)
            if problem is None:
                return value
            _complain(f"{reprlib.repr(value)} {problem}." if value else f"The answer {problem}.")
            typed.append(value)


def _explain(text: str) -> None:
    _wrapped(text, "dim")


def _complain(text: str) -> None:
    _wrapped(text, "red")


def _wrapped(text: str, style: str) -> None:
    width = max(shutil.get_terminal_size().columns - 1, _NARROWEST)
    for part in textwrap.wrap(one_line(text), width - len(_INDENT), break_on_hyphens=False):
        line((_INDENT + part, style), err=True)


def _shortened(text: str, width: int) -> str:
    """Shorten `text` to `width` columns; a character of an East Asian script takes two."""
    from prompt_toolkit.utils import get_cwidth

    if get_cwidth(text) <= width:
        return text
    while get_cwidth(text) >= width:
        text = text[:-1]
    return f"{text}…"
