"""Interviews of `copperplate new` and `copperplate resource add`: one question at a time, then all answers."""

import reprlib
import shutil
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from copperplate.cli.prompts import Choice, Prompter
from copperplate.console.messages import again
from copperplate.console.output import line, one_line
from copperplate.errors import Cancelled, InputError
from copperplate.questions import answers as gate
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Question, Value
from copperplate.resources import checks, field_checks, grammar
from copperplate.resources.definitions import Definition
from copperplate.resources.specification import RULES, Kind, OnDelete, Target

_NOTHING = "-"
"""Text that the user types to replace a default by an empty answer."""
_CREATE, _CANCEL = "+create", "+cancel"  # no question and no type has such a name
_INDENT = "  "
_POINTER_WIDTH = 6
_NARROWEST = 20


class Interview:
    """Interview about one project: it asks for the answers, shows them and changes them."""

    def __init__(
        self, given: Mapping[str, object], defaults: Mapping[str, Value], manifest: Manifest, prompter: Prompter
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
        """Return the answers after the user has confirmed them; `command`, which generates the same, is shown."""
        questions = {question.name: question for question in self._manifest.questions}
        while True:
            answers = self._checked()
            if answers is not None:
                again(command(answers))
            question = "Create the project, or change an answer?"
            choice = self._prompter.choose(question, self._menu(place), default=_CREATE)
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
            _explain(f"{error.what}.", "red")
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
        answers = self._answers
        derived = [each for each in self._manifest.questions if answers[each.name] == gate.derived(each.name, answers)]
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
            _explain(f"The name {reprlib.repr(default)} cannot be used: it {problem}.", "red")
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
            _explain(f"{reprlib.repr(value)} {problem}." if value else f"The answer {problem}.", "red")
            typed.append(value)


def _explain(text: str, style: str = "dim") -> None:
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


_DONE = "+done"  # no type is called so


class ResourceInterview:
    def __init__(self, prompter: Prompter, known: Mapping[str, Target], check: Callable[[Definition], object]) -> None:
        """`known` are the resources that it can refer to; `check` raises `InputError` for what cannot be added."""
        self._prompter = prompter
        self._known = known
        self._check = check

    def ask(self) -> Definition:
        """Raises `Cancelled` when the user gives up."""
        line(("  Ctrl-C cancels. Nothing is written before the end.", "dim"), err=True)
        name = self._named()
        fields: list[str] = []
        while True:
            kind = self._kind(fields)
            if kind is None:
                definition = Definition(name, tuple(fields))
                if _is_refused(self._check, definition):
                    continue
                return definition
            fields.append(self._field(kind))
            line(("  " + "  ".join(fields), "green"), err=True)

    def _named(self) -> str:
        typed: list[str] = []
        while True:
            name = self._prompter.text("Resource, as a plural", default="", example="orders", typed=typed)
            typed.append(name)
            if not _is_refused(checks.named, name):
                return name

    def _kind(self, fields: list[str]) -> Kind | None:
        """Return the type of the next field; None if there are enough."""
        choices = [(f"{kind:<10}{RULES[kind].example}", kind.value) for kind in Kind]
        if not self._known:
            choices = [choice for choice in choices if choice[1] != Kind.REFS]
        enough = [("No more fields: add the resource", _DONE)] if fields else []
        asked = "Type of the next field" if fields else "Type of the first field"
        chosen = self._prompter.choose(f"{asked}:", [*enough, *choices, ("Cancel", _CANCEL)], default=None)
        if chosen == _CANCEL:
            raise Cancelled
        return None if chosen == _DONE else Kind(chosen)

    def _field(self, kind: Kind) -> str:
        example = RULES[kind].example.split(":")
        typed: list[str] = []
        while True:
            name = self._prompter.text("Name", default="", example=example[0], typed=typed)
            typed.append(name)
            parts = [name, kind.value, *self._details(kind), *self._flags(kind)]
            written = ":".join(parts)
            if not _is_refused(_check_field, written):
                return written

    def _details(self, kind: Kind) -> list[str]:
        """Return what is written after the type."""
        rules = RULES[kind]
        if rules.length:
            return [self._prompter.text("Longest length", default=str(rules.length), example="", typed=())]
        if kind is Kind.DECIMAL:
            return [self._prompter.text("All digits / decimals", default="12/2", example="", typed=())]
        if kind is Kind.ENUM:
            return [self._prompter.text("Values", default="", example="draft/paid/void", typed=())]
        if kind in {Kind.REF, Kind.REFS}:
            names = [(name, name) for name in self._known]
            target = self._prompter.choose("Refers to:", names, default=None) if names else ""
            target = target or self._prompter.text("Refers to", default="", example="customers", typed=())
            fates = [fate for fate in OnDelete if kind is Kind.REF or fate is not OnDelete.SET_NULL]
            choices = [(each.value, each.value) for each in fates]
            fate = self._prompter.choose("When that is removed:", choices, default=OnDelete.RESTRICT.value)
            return [target, fate]
        return []

    def _flags(self, kind: Kind) -> list[str]:
        known = grammar.options_of(kind)
        if not known:
            return []
        chosen = self._prompter.text(f"Options ({', '.join(known)})", default="", example="none", typed=())
        return [part for part in chosen.replace(":", " ").split() if part]


def _is_refused(check: Callable[[Any], object], value: object) -> bool:
    """Check the value; print the error and return True if it is refused."""
    try:
        check(value)
    except InputError as error:
        line((f"  {one_line(error.what)}: {one_line(error.hint)}.", "red"), err=True)
        return True
    return False


def _check_field(field: str) -> None:
    field_checks.check_field(grammar.parse(field))
