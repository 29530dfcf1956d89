"""Answers of a project, validated and frozen. All input of the user passes through here."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields

from copperplate.errors import BrokenError
from copperplate.errors.inputs import AnswerError, FeatureConflictError, NeedError, UnknownQuestionError
from copperplate.questions import validation
from copperplate.questions.manifest import Feature, Manifest, Question, Value, is_chosen, is_on
from copperplate.questions.validation import UnfitError

_LONGEST = {"project_name": 80, "description": 200, "author_name": 100}
_LONGEST_OTHER = 200
_DERIVED_FROM = {"distribution_name": "project_name", "package_name": "distribution_name"}
_OPTIONAL = frozenset({"author_name", "author_email"})


@dataclass(frozen=True, slots=True)
class Answers:
    project_name: str
    distribution_name: str
    package_name: str
    description: str
    author_name: str
    author_email: str
    license: str
    python_version: str
    adr_language: str
    options: Mapping[str, Value]
    """Answers for the features and all other questions of the template."""

    @classmethod
    def from_data(cls, data: Mapping[str, object], manifest: Manifest) -> "Answers":
        """Validate `data`, and answer the rest by default; raises `InputError` for the first invalid answer."""
        complete = _completed(data, manifest)
        core = _core()
        if missing := [name for name in core if name not in complete]:
            raise BrokenError(f"the template does not ask {', '.join(missing)}", "name a template made for Copperplate")
        options = {name: value for name, value in complete.items() if name not in core}
        return cls(**{name: str(complete[name]) for name in core}, options=options)

    def data(self) -> dict[str, Value]:
        """Return all answers by name, in the order of the questions."""
        return {name: getattr(self, name) for name in _core()} | dict(self.options)


def _core() -> list[str]:
    return [field.name for field in dataclass_fields(Answers) if field.name != "options"]


def checked(question: Question, value: object, manifest: Manifest) -> Value:
    """Return `value` if it is a valid answer to `question`; otherwise raises `InputError` with the reason."""
    try:
        return _checked(question, value, manifest)
    except UnfitError as error:
        what = f"{question.name} {reprlib.repr(value)} {error}"
        raise AnswerError(what, _hint(question), question=question.name, value=value) from error


def problem(question: Question, value: object, manifest: Manifest) -> str | None:
    """Return why `value` is no valid answer to `question`, as a sentence without its subject; None if it is valid."""
    try:
        _checked(question, value, manifest)
    except UnfitError as error:
        return str(error)
    return None


def checked_given(data: Mapping[str, object], manifest: Manifest) -> dict[str, Value]:
    """Return the answers in `data`, each checked; raises `InputError` for a bad answer or an unknown question."""
    questions = {question.name: question for question in manifest.questions}
    for name in data:
        if name not in questions:
            hint = validation.suggestion(name, questions)
            raise UnknownQuestionError(f"{reprlib.repr(name)} is not a question of the template", hint, name=name)
    return {name: checked(questions[name], value, manifest) for name, value in data.items()}


def derived(name: str, answers: Mapping[str, object]) -> str | None:
    """Return the default of an answer that is derived from those before it; None for any other question."""
    if name == "distribution_name":
        return validation.derived_distribution_name(str(answers.get("project_name", "")))
    if name == "package_name":
        return validation.derived_package_name(str(answers.get("distribution_name", "")))
    return None


def _completed(data: Mapping[str, object], manifest: Manifest) -> dict[str, Value]:
    given = checked_given(data, manifest)
    answers: dict[str, Value] = {}
    for question in manifest.questions:
        if question.name in given:
            answers[question.name] = given[question.name]
        elif (default := default_of(question, answers)) is not None:
            answers[question.name] = _checked_default(question, default, answers, manifest)
        elif question.name in _core():
            what, name = f"{question.name} is not answered", question.name
            raise AnswerError(what, _hint(question), question=name, value=None)
    _refuse_what_does_not_go_together(answers, manifest)
    return answers


def _refuse_what_does_not_go_together(answers: Mapping[str, Value], manifest: Manifest) -> None:
    on = {feature.question.name for feature in manifest.features if is_on(answers[feature.question.name])}
    for feature in manifest.features:
        name = feature.question.name
        for other in feature.needs_with(answers[name]):
            if other not in on:
                missing = _missing(feature, answers, manifest)
                flags = " ".join(f"--with {each}" for each in missing)
                what, hint = f"{name} needs {other}", f"add {flags}, or --without {name}"
                raise NeedError(what, hint, feature=name, needed=other, missing=missing)
        for other in feature.conflicts if name in on else ():
            if is_chosen(other, answers):
                question, _, value = other.partition("=")
                instead = f"give another {question}" if value else f"add --without {other}"
                what, hint = f"{name} conflicts with {other}", f"{instead}, or add --without {name}"
                raise FeatureConflictError(what, hint, features=(name, question))


def _missing(feature: Feature, answers: Mapping[str, Value], manifest: Manifest) -> tuple[str, ...]:
    """Return the features that must be switched on for this one, directly or indirectly, as `--with` takes them."""
    switched: dict[str, Value] = {}
    waiting = [(feature, answers[feature.question.name])]
    while waiting:
        needy, value = waiting.pop()
        for other in manifest.features:
            name = other.question.name
            if name in needy.needs_with(value) and not is_on({**answers, **switched}[name]):
                switched[name] = next((each for each in other.question.choices.values() if is_on(each)), True)
                waiting.append((other, switched[name]))
    questions = [other.question for other in manifest.features if other.question.name in switched]
    return tuple(named(question, switched[question.name]) for question in questions)


def named(question: Question, value: Value) -> str:
    """Return how `--with` and `copperplate add` take a feature: one that is off by default with its value."""
    has_default = question.default is not None and is_on(question.default)
    return question.name if question.kind == "bool" or has_default else f"{question.name}={value}"


def _checked_default(question: Question, default: Value, answers: Mapping[str, object], manifest: Manifest) -> Value:
    """Check a default. If it is derived from another answer and invalid, the error names that answer too."""
    try:
        return _checked(question, default, manifest)
    except UnfitError as error:
        source = _DERIVED_FROM.get(question.name, question.name)
        reason = f"{reprlib.repr(default)} {error}" if default else "it has no letter a-z and no digit"
        what = f"cannot derive {question.name} from {source} {reprlib.repr(answers.get(source))}: {reason}"
        hint = f"choose it yourself: --data {question.name}=…"
        raise AnswerError(what, hint, question=question.name, value=default, derived_from=source) from error


def default_of(question: Question, answers: Mapping[str, object]) -> Value | None:
    return question.default if question.default is not None else derived(question.name, answers)


def _checked(question: Question, value: object, manifest: Manifest) -> Value:
    if question.kind == "bool":
        if not isinstance(value, bool):
            raise UnfitError("is neither true nor false")
        return value
    if not isinstance(value, str):
        raise UnfitError("is not text: put it in quotes")
    if question.choices:
        if value not in question.choices.values():
            raise UnfitError(f"is none of {', '.join(question.choices.values())}")
        return value
    match question.name:
        case "distribution_name":
            return validation.distribution_name(value, locked=manifest.locked)
        case "package_name":
            return validation.package_name(value, locked=manifest.locked)
        case "author_email":
            return validation.email(value)
        case name:
            longest = _LONGEST.get(name, _LONGEST_OTHER)
            return validation.text(value, longest=longest, required=name not in _OPTIONAL)


def _hint(question: Question) -> str:
    return f"give another value: --data {question.name}=…; or, with `copperplate set`: {question.name}=…"
