"""Manifest of a template: its questions and features, read from `copier.yml` and `features/*.yml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from copperplate.errors import BrokenError
from copperplate.errors.inputs import BadQuestionsError
from copperplate.system.disk import File

Value = str | bool
RUNS_CODE = ("_tasks", "_migrations", "_jinja_extensions", "_external_data")
_REGISTERED = re.compile(r'^name = "([^"]+)"\nversion = "[^"]+"\nsource = \{ registry =', re.MULTILINE)
_INCLUDES_OTHERS = re.compile(rb"""!include\s+["']?(?:\./)*(?:template|\*)""")
_HINT = "correct that file, or name the folder of another Copier template"
_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    kind: Literal["str", "bool"]
    help: str
    """The question in a few words, such as "Project title"."""
    explanation: str
    """One sentence about what the answer is for; empty where the template has none."""
    choices: Mapping[str, str]
    """Labels to values; empty where any text may be given."""
    default: Value | None
    """Default; None if there is none, or if it is derived from other answers."""
    placeholder: str


@dataclass(frozen=True, slots=True)
class Feature:
    question: Question
    title: str
    adds: str
    files: tuple[str, ...]
    dependencies: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Features that this one needs, whatever its value."""
    needs_of_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Features that it needs besides, by its value."""
    conflicts: tuple[str, ...] = ()
    """Choices that cannot be on together with this one: features, or `name=value` for one value of a feature."""

    def needs_with(self, value: Value) -> tuple[str, ...]:
        """Return the features that this one needs if its answer is `value`."""
        return (*self.needs, *self.needs_of_values.get(str(value), ())) if is_on(value) else ()


@dataclass(frozen=True, slots=True)
class Manifest:
    core: tuple[Question, ...]
    features: tuple[Feature, ...]
    locked: frozenset[str]
    """Normalised names of all packages that can be in a project's lock."""
    runs_code: tuple[str, ...]
    """Settings of the template that run code during rendering."""

    @property
    def questions(self) -> tuple[Question, ...]:
        return (*self.core, *(feature.question for feature in self.features))


def written(value: Value) -> str:
    """Return the value as a user types it."""
    return str(value).lower() if isinstance(value, bool) else value


def is_chosen(choice: str, answers: Mapping[str, Value]) -> bool:
    """True if the feature `choice` is on, or has the value of a `choice` such as `name=value`."""
    name, _, value = choice.partition("=")
    return answers[name] == value if value else is_on(answers[name])


def is_on(value: Value) -> bool:
    """True if a feature with this answer adds anything."""
    return value not in {False, "none"}


def load(template: Path, where: str | None = None) -> Manifest:
    """Read the manifest of the template in the folder `template`; raises `BrokenError` if it has none.

    `where` is the place for error messages, if the folder is a copy that the user does not know.
    """
    core: list[Question] = []
    features: list[Feature] = []
    told: set[str] = set()
    for section in _sections(template, where):
        told |= {name for name in section if name.startswith("_")}
        if "_resource" in section:
            continue
        questions = [_question(name, asked) for name, asked in section.items() if _is_asked(name, asked)]
        if "_feature" in section:
            features += [_feature(question, section) for question in questions]
        else:
            core += questions
    lock = template / "template.lock"
    return Manifest(
        core=tuple(core),
        features=tuple(features),
        locked=frozenset(_REGISTERED.findall(lock.read_text(encoding="utf-8")) if lock.exists() else ()),
        runs_code=tuple(name for name in RUNS_CODE if name in told),
    )


def sources(template: Mapping[str, File]) -> dict[str, File]:
    """Return the files that the manifest needs, perhaps with others; as far as possible none that is rendered."""
    found = {path: file for path, file in template.items() if not path.startswith("template/")}
    includes_others = any(_INCLUDES_OTHERS.search(file.content) for path, file in found.items() if path.endswith("ml"))
    return dict(template) if includes_others else found


def settings(template: Path) -> dict[str, Any]:
    """Return the template's settings for Copier, such as `_exclude`; of a repeated setting, the last."""
    return {name: value for part in _sections(template) for name, value in part.items() if name.startswith("_")}


def _sections(template: Path, where: str | None = None) -> list[dict[str, Any]]:
    """Return the documents of `copier.yml`, with the documents of the named files in place of each `!include`."""
    import yaml  # noqa: PLC0415 - `--help` must not pay for it

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # in C, where it is
        pass

    def read(file: Path) -> list[Any]:
        try:
            return list(yaml.load_all(file.read_bytes(), Loader))
        except (OSError, ValueError, NotImplementedError, yaml.YAMLError) as error:  # glob takes no absolute path
            named = f"{where or template}/{file.relative_to(template).as_posix()}"
            line, problem = _fault(error)
            at = f"line {line}: " if line else ""
            raise BadQuestionsError(f"{named} cannot be read: {at}{problem}", _HINT, file=named, line=line) from error

    def include(loader: Loader, node: yaml.Node) -> list[Any]:
        pattern = str(loader.construct_scalar(node))
        return [part for file in sorted(template.glob(pattern)) for part in read(file)]

    Loader.add_constructor("!include", include)
    documents = read(template / "copier.yml")
    flat = [part for document in documents for part in (document if isinstance(document, list) else [document])]
    if not all(isinstance(part, dict) for part in flat):
        raise BrokenError(f"{where or template}/copier.yml is not a mapping of questions", _HINT)
    return flat


def _fault(error: Exception) -> tuple[int | None, str]:
    """Return the line of a fault in a YAML file, if it is known, and what is wrong."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error).splitlines()[0]
    return mark.line + 1 if mark else None, str(problem)


def _is_asked(name: str, asked: object) -> bool:
    """True if the user is asked. Settings of Copier and computed values are not asked."""
    return not name.startswith("_") and not (isinstance(asked, dict) and asked.get("when") is False)


def _question(name: str, asked: object) -> Question:
    details: dict[str, Any] = asked if isinstance(asked, dict) else {"default": asked}
    default = details.get("default")
    kind = details.get("type", "bool" if isinstance(default, bool) else "str")
    if kind not in {"str", "bool"} or details.get("multiselect"):
        what = f"the template's question {name} is of type {kind!r}, which Copperplate cannot ask"
        raise BrokenError(what, "render this template with Copier itself")
    choices = details.get("choices", {})
    derived = isinstance(default, str) and "{{" in default
    title, *explanation = str(details.get("help") or name).strip().splitlines()
    return Question(
        name=name,
        kind=kind,
        help=title,
        explanation=" ".join(line.strip() for line in explanation),
        choices=choices if isinstance(choices, dict) else {str(choice): choice for choice in choices},
        default=None if derived else default,
        placeholder=str(details.get("placeholder", "")),
    )


def _feature(question: Question, section: Mapping[str, Any]) -> Feature:
    facts = section["_feature"]
    needs = facts.get("needs", ())
    of_values = needs if isinstance(needs, dict) else {}
    return Feature(
        question=question,
        title=facts["title"],
        adds=facts["adds"].strip(),
        files=tuple(path for pattern in section.get("_exclude", ()) for path in _QUOTED.findall(pattern)[:1]),
        dependencies=tuple(facts.get("dependencies", ())),
        needs=() if of_values else tuple(needs),
        needs_of_values={value: tuple(names) for value, names in of_values.items()},
        conflicts=tuple(facts.get("conflicts", ())),
    )
