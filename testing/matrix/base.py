"""Named rows: everything on, everything off, and each option alone."""

from collections.abc import Iterator

from copperplate.questions.manifest import Feature, Manifest, Value, is_on
from testing.matrix.parameters import RARE

Fixed = dict[str, Value]
"""The values that the name of a row means. The generator chooses the others."""


def base_rows(asked: Manifest) -> dict[str, Fixed]:
    """Return the rows `everything` and `nothing`, which are among the pairs."""
    return _in_turn(_extremes(asked), asked)


def option_rows(asked: Manifest) -> dict[str, Fixed]:
    """Return a row for each value of each option, with only the options on that it needs."""
    return _in_turn(_alone(asked), asked)


def _in_turn(named: Iterator[tuple[str, Fixed]], asked: Manifest) -> dict[str, Fixed]:
    """Give the rows the Python versions in turn, and the languages in turn at half the pace."""
    rows = dict(named)
    choices = {question.name: tuple(question.choices.values()) for question in asked.core}
    pythons = [python for python in choices["python_version"] if python not in RARE["python_version"]]
    languages = choices["adr_language"]
    for number, fixed in enumerate(rows.values()):
        fixed["python_version"] = pythons[number % len(pythons)]
        fixed["adr_language"] = languages[number // len(pythons) % len(languages)]
    return rows


def _nothing(asked: Manifest) -> Fixed:
    return {feature.question.name: _off(feature) for feature in asked.features}


def _extremes(asked: Manifest) -> Iterator[tuple[str, Fixed]]:
    nothing = _nothing(asked)
    conflicting = {other for feature in asked.features for other in feature.conflicts}
    yield (
        "everything",
        nothing
        | {
            feature.question.name: _on(feature)[0]
            for feature in asked.features
            if feature.question.name not in conflicting
        },
    )
    yield "nothing", nothing


def _alone(asked: Manifest) -> Iterator[tuple[str, Fixed]]:
    nothing = _nothing(asked)
    for feature in asked.features:
        for value in _on(feature):
            name = value if isinstance(value, str) else feature.question.name
            needed = _needed(feature, value, asked)
            yield f"{name.replace('_', '-')}-alone", nothing | needed | {feature.question.name: value}


def _needed(feature: Feature, value: Value, asked: Manifest) -> Fixed:
    """Return the features that are needed, directly or indirectly."""
    needed: Fixed = {}
    for other in asked.features:
        if other.question.name in feature.needs_with(value):
            needed |= _needed(other, _on(other)[0], asked) | {other.question.name: _on(other)[0]}
    return needed


def _off(feature: Feature) -> Value:
    return next(value for value in _values(feature) if not is_on(value))


def _on(feature: Feature) -> list[Value]:
    return [value for value in _values(feature) if is_on(value)]


def _values(feature: Feature) -> tuple[Value, ...]:
    return tuple(feature.question.choices.values()) or (True, False)
