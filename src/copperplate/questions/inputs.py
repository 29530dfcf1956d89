"""Inputs: answers from the command line and from files, not yet validated."""

import errno
import json
import re
import reprlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from copperplate.errors.inputs import (
    AnswerError,
    ContradictionError,
    PairError,
    UnknownFeatureError,
    UnreadableAnswersError,
)
from copperplate.questions import validation
from copperplate.questions.manifest import Feature, Manifest, Question, Value, is_on

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_ORIGIN = frozenset({"_commit", "_src_path"})
_LARGEST_BYTES = 64 * 1024
_WORD = re.compile("[a-z]+")
_SHORTEST_WORD = 4
"""Minimum length in letters: shorter words, such as articles, describe nothing."""


def gathered(  # noqa: PLR0913 - as many ways to answer
    manifest: Manifest,
    *,
    file: Path | None,
    data: Iterable[str],
    with_: Iterable[str],
    without: Iterable[str],
    current: Mapping[str, Value] | None = None,
) -> dict[str, object]:
    """Collect all given answers. `--data` overrides the file; `--with` and `--without` override both.

    A feature with choices is named with its value: `auth=session`.
    `current` are the answers of an existing project: a feature that is on keeps its value.
    """
    answers: dict[str, object] = from_file(file) if file else {}
    answers |= _from_pairs(manifest, data)
    on, off = [named.partition("=") for named in with_], list(without)
    for name, _, _ in on:
        if name in off:
            what = f"--with {name} and --without {name} contradict each other"
            raise ContradictionError(what, "give one of them", names=(name,))
    for name, equals, value in on:
        if equals:
            answers[name] = _chosen(manifest, name, value)
        else:
            switched, kept = _switched(manifest, name, on=True), (current or {}).get(name, False)
            answers[name] = kept if is_on(kept) else switched
    return answers | {name: _switched(manifest, name, on=False) for name in off}


def from_file(file: Path) -> dict[str, object]:
    """Read the mapping in a YAML, JSON or TOML file."""
    hint = "give a YAML, JSON or TOML file of answers, such as `project_name: Acme Shop`"
    try:
        answers = _parsed(_read(file), file.suffix.lower())
    except OSError as error:
        what = f"--answers {file} cannot be read: {error.strerror}"
        raise UnreadableAnswersError(what, hint, file=file, errno=error.errno) from None
    except (ValueError, RecursionError) as error:
        what = f"--answers {file} cannot be read: {' '.join(str(error).split())}"
        raise UnreadableAnswersError(what, hint, file=file) from None
    if isinstance(answers, dict):  # the answers file of a project has other entries too
        answers = {name: value for name, value in answers.items() if name not in _ORIGIN}
    if not isinstance(answers, dict) or not all(isinstance(name, str) for name in answers):
        raise UnreadableAnswersError(f"--answers {file} is not a mapping of questions to answers", hint, file=file)
    return answers


def _read(file: Path) -> str:
    """Read the text of `file`, which may be a pipe without an end."""
    with file.open("rb") as opened:
        raw = opened.read(_LARGEST_BYTES + 1)
    if len(raw) > _LARGEST_BYTES:
        raise OSError(errno.EFBIG, f"it has more than the {_LARGEST_BYTES} bytes that are allowed")
    return raw.decode("utf-8-sig")  # some editors begin a file with a byte order mark


def _parsed(text: str, suffix: str) -> object:
    if suffix == ".toml":
        return tomllib.loads(text)
    if suffix == ".json":
        return json.loads(text)
    import yaml  # noqa: PLC0415 - `--help` must not pay for it

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _from_pairs(manifest: Manifest, pairs: Iterable[str]) -> dict[str, object]:
    answers: dict[str, object] = {}
    questions = {question.name: question for question in manifest.questions}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise PairError(f"the answer {reprlib.repr(pair)} has no `=`", "write name=value", pair=pair)
        if name in answers:
            raise PairError(f"{name} is given twice", "give it once", pair=pair, is_repeated=True)
        answers[name] = _typed(questions[name], value) if name in questions else value
    return answers


def _typed(question: Question, value: str) -> Value:
    """Convert text to true or false for a yes-or-no question; validation checks any other text."""
    if question.kind == "bool" and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    return value


def _chosen(manifest: Manifest, name: str, value: str) -> Value:
    """Return the value of the feature `name`, which must switch it on."""
    chosen = _typed(_feature(manifest, name), value)
    if not is_on(chosen):
        what = f"{name}={value} leaves {name} out"
        hint = f"name the feature that you want, or `--without {name}`"
        raise AnswerError(what, hint, question=name, value=value)
    return chosen


def _switched(manifest: Manifest, name: str, *, on: bool) -> Value:
    """Return the answer that switches the feature `name` on or off."""
    question = _feature(manifest, name)
    if question.kind == "bool":
        return on
    values = list(question.choices.values())
    if not on and "none" in values:
        return "none"
    if on and question.default not in {None, "none"}:
        return question.default or values[0]
    chosen = [value for value in values if is_on(value)]
    hint = f"choose one: {', '.join(f'{name}={value}' for value in chosen)}"
    raise AnswerError(f"{name} needs a value", hint, question=name, value=None)


def _feature(manifest: Manifest, name: str) -> Question:
    """Return the question of the feature `name`; raises `UnknownFeatureError` if there is none."""
    questions = {feature.question.name: feature.question for feature in manifest.features}
    if name in questions:
        return questions[name]
    what = f"there is no feature {name!r:.60}"
    if name in {question.name for question in manifest.core}:
        hint = f"{name} is a question: answer it with {name}=VALUE, in --data or `copperplate set`"
        raise UnknownFeatureError(what, hint, name=name)
    raise UnknownFeatureError(what, validation.suggestion(name, questions, _synonyms(manifest)), name=name)


def _synonyms(manifest: Manifest) -> dict[str, str]:
    """Return words that describe only one feature, such as its files and tables, each with the feature's name."""
    features = {feature.question.name: _words(feature) for feature in manifest.features}
    counts = Counter(word for words in features.values() for word in words)
    return {word: name for name, words in features.items() for word in words if counts[word] == 1}


def _words(feature: Feature) -> set[str]:
    question = feature.question
    texts = (feature.title, question.help, feature.adds, *feature.files, *feature.dependencies)
    found = " ".join((*texts, *question.choices, *question.choices.values())).lower()
    return {word for word in _WORD.findall(found) if len(word) >= _SHORTEST_WORD}
