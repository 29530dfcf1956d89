"""Base rows: everything on, everything off, and each option alone."""

from collections.abc import Iterator

from copperplate.questions.manifest import Feature, Manifest, Value, is_on
from scripts.matrix.parameters import RARE

Fixed = dict[str, Value]
"""The values that the name of a row means. The generator chooses the others."""


def base_rows(asked: Manifest) -> dict[str, Fixed]:
    """Return the base rows by name.

    They take the Python versions in turn, and the languages in turn at half the pace.
    """
    rows = dict(_by_features(asked))
    choices = {question.name: tuple(question.choices.values()) for question in asked.core}
    pythons = [python for python in choices["python_version"] if python not in RARE["python_version"]]
    languages = choices["adr_language"]
    for number, fixed in enumerate(rows.values()):
        fixed["python_version"] = pythons[number % len(pythons)]
        fixed["adr_language"] = languages[number // len(pythons) % len(languages)]
    return rows


def _by_features(asked: Manifest) -> Iterator[tuple[str, Fixed]]:
    nothing: Fixed = {feature.question.name: _off(feature) for feature in asked.features}
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
    yield "nothing", dict(nothing)
    for feature in asked.features:
        for value in _on(feature):
            name = value if isinstance(value, str) else feature.question.name
            yield f"{name.replace('_', '-')}-alone", nothing | _needed(feature, asked) | {feature.question.name: value}


def _needed(feature: Feature, asked: Manifest) -> Fixed:
    """Return the features that are needed, directly or indirectly."""
    needed: Fixed = {}
    for other in asked.features:
        if other.question.name in feature.needs:
            needed |= _needed(other, asked) | {other.question.name: _on(other)[0]}
    return needed


def _off(feature: Feature) -> Value:
    return next(value for value in _values(feature) if not is_on(value))


def _on(feature: Feature) -> list[Value]:
    return [value for value in _values(feature) if is_on(value)]


def _values(feature: Feature) -> tuple[Value, ...]:
    return tuple(feature.question.choices.values()) or (True, False)
