"""Asks on a terminal what has not been answered yet."""

from collections.abc import Callable, Mapping

import questionary

from copperplate import answers as gate
from copperplate.answers import Answers
from copperplate.errors import InputError
from copperplate.manifest import Manifest, Question, Value


def ask(given: Mapping[str, object], defaults: Mapping[str, Value], manifest: Manifest) -> Answers:
    """Ask every question that `given` leaves open; raises `KeyboardInterrupt` when the user gives up.

    `defaults` go before the template's own.
    """
    checked = gate.checked_given(given, manifest)
    answers: dict[str, Value] = {}
    for question in manifest.questions:
        if question.name in checked:
            answers[question.name] = checked[question.name]
        else:
            default = defaults.get(question.name, gate.default_of(question, answers))
            answers[question.name] = _asked(question, default, manifest).unsafe_ask()
    return Answers.from_data(answers, manifest)


def confirm(path: str) -> bool:
    return bool(questionary.confirm(f"Print this project at {path}?", default=True).unsafe_ask())


def _asked(question: Question, default: Value | None, manifest: Manifest) -> questionary.Question:
    if question.kind == "bool":
        return questionary.confirm(question.help, default=bool(default))
    if question.choices:
        choices = [questionary.Choice(label, value=value) for label, value in question.choices.items()]
        return questionary.select(question.help, choices=choices, default=_choice(default, question))
    return questionary.text(
        question.help,
        default=str(default or ""),
        validate=_validator(question, manifest),
        instruction=None if default or not question.placeholder else f"(such as {question.placeholder})",
    )


def _choice(default: Value | None, question: Question) -> str | None:
    return default if isinstance(default, str) and default in question.choices.values() else None


def _validator(question: Question, manifest: Manifest) -> Callable[[str], bool | str]:
    def validate(value: str) -> bool | str:
        try:
            gate.checked(question, value, manifest)
        except InputError as error:
            return error.what
        return True

    return validate
