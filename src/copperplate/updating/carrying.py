"""The answers of a project, carried from one version of the template to another."""

from collections.abc import Mapping
from dataclasses import dataclass

from copperplate import answers as gate
from copperplate.answers import Answers, NeedError
from copperplate.errors import InputError, RefusedError
from copperplate.manifest import Manifest
from copperplate.project import ANSWERS_FILE, Project
from copperplate.updating.report import NewOption


@dataclass(frozen=True, slots=True)
class Carried:
    old: Answers
    new: Answers
    new_options: tuple[NewOption, ...]
    """Questions that the old version did not ask, with the answers that they have now."""

    dropped: tuple[str, ...]
    """Answers to questions that the new version does not ask."""


def carried(project: Project, old: Manifest, new: Manifest, given: Mapping[str, object]) -> Carried:
    """Raises `InputError` for an answer in `given`, and `RefusedError` for one in the answers file."""
    gate.checked_given(given, new)
    before = _as_recorded(project, old)
    asked = {question.name: question for question in new.questions}
    kept = {name: value for name, value in project.answers.items() if name in asked}
    try:
        after = Answers.from_data({**kept, **given}, new)
    except InputError as error:
        if isinstance(error, NeedError) and not {error.feature, error.needed}.isdisjoint(given):
            verb = "add" if error.feature in given else "remove"
            raise InputError(error.what, f"{verb} both: copperplate {verb} {error.needed} {error.feature}") from error
        if not kept.keys() - given.keys():
            raise
        what = f"an answer of this project does not fit the template any more: {error.what}"
        raise RefusedError(what, "answer it again: --data name=value") from error
    known = {question.name for question in old.questions}
    fresh = tuple(
        NewOption(name, question.help, after.data()[name])
        for name, question in asked.items()
        if name not in known and name in after.data()
    )
    return Carried(before, after, fresh, tuple(name for name in project.answers if name not in asked))


def _as_recorded(project: Project, old: Manifest) -> Answers:
    hint = f"restore it from git: git checkout HEAD -- {ANSWERS_FILE}"
    try:
        before = Answers.from_data(project.answers, old)
    except InputError as error:
        raise RefusedError(f"{ANSWERS_FILE} cannot be used: {error.what}", hint) from error
    if missing := [name for name in before.data() if name not in project.answers]:
        raise RefusedError(f"{ANSWERS_FILE} cannot be used: it does not answer {missing[0]}", hint)
    return before
