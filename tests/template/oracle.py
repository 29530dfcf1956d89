"""Oracle for rows: it tries all answers that a feature can forbid, independent of the generator of the rows."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

from copperplate.errors import InputError
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Value
from testing.matrix.parameters import CLASSES, DERIVED, RARE, SURROUNDINGS

Values = Mapping[str, Value]
Meeting = frozenset[tuple[str, Value]]
"""Values of different questions in one project."""


def faults(rows: Mapping[str, Values], asked: Manifest, *, strength: int) -> list[str]:
    """Return the faults of the rows: unknown values, projects that are refused, missing pairs and triples."""
    wanted = {
        frozenset(zip(names, values, strict=True))
        for names in combinations(_possible(asked), strength)
        for values in _meetings(names, asked)
    }
    held = {meeting for row in rows.values() for meeting in _held(row, strength)}
    missing = sorted(", ".join(sorted(f"{name}={value}" for name, value in meeting)) for meeting in wanted - held)
    return [*(fault for name, row in rows.items() for fault in _row_faults(name, row, asked)), *missing]


def _possible(asked: Manifest) -> dict[str, tuple[Value, ...]]:
    possible: dict[str, tuple[Value, ...]] = {}
    for question in asked.questions:
        if question.kind == "bool":
            possible[question.name] = (False, True)
        elif question.choices:
            possible[question.name] = tuple(question.choices.values())
        elif question.name not in DERIVED:
            possible[question.name] = CLASSES[question.name]
    return possible | SURROUNDINGS


def _meetings(names: tuple[str, ...], asked: Manifest) -> Iterator[tuple[Value, ...]]:
    """The values of these questions that occur together in some project, whatever its other answers are."""
    possible = _possible(asked)
    related = [name for name in names if name in _related(asked)]
    together = {tuple(project[name] for name in related) for project in _projects(asked)}
    for values in product(*(possible[name] for name in names)):
        chosen = dict(zip(names, values, strict=True))
        if tuple(chosen[name] for name in related) in together:
            yield values


def _related(asked: Manifest) -> set[str]:
    """Questions of features that need or exclude something, and what they name. Other answers go with every answer."""
    found = set[str]()
    for feature in asked.features:
        others = {*feature.needs, *(other for named in feature.needs_of_values.values() for other in named)}
        others |= {conflict.partition("=")[0] for conflict in feature.conflicts}
        if others:
            found |= {feature.question.name, *others}
    return found


_PROJECTS: dict[int, tuple[Manifest, list[Values]]] = {}
"""By identity; each with its questions, since the identity of an object that is gone is soon that of another."""


def _projects(asked: Manifest) -> list[Values]:
    """Every choice of related answers that `new` would accept."""
    if id(asked) not in _PROJECTS:
        related = {name: values for name, values in _possible(asked).items() if name in _related(asked)}
        everything = (dict(zip(related, values, strict=True)) for values in product(*related.values()))
        _PROJECTS[id(asked)] = asked, [project for project in everything if _accepted(project, asked)]
    return _PROJECTS[id(asked)][1]


def _accepted(values: Values, asked: Manifest) -> bool:
    answers = {name: value for name, value in values.items() if name not in SURROUNDINGS}
    try:
        Answers.from_data({"project_name": "Shop", **answers}, asked)
    except InputError:
        return False
    return True


def _held(row: Values, strength: int) -> Iterator[Meeting]:
    """A row that a machine may be unable to run wholly proves nothing but what no other row could."""
    rare = {(name, value) for name, value in row.items() if value in RARE.get(name, ())}
    for chosen in combinations(row.items(), strength):
        if not rare or rare.intersection(chosen):
            yield frozenset(chosen)


def _row_faults(name: str, row: Values, asked: Manifest) -> Iterator[str]:
    possible = _possible(asked)
    if row.keys() != possible.keys():
        yield f"{name}: answers {sorted(row.keys() ^ possible.keys())} too many or too few"
    elif strange := [question for question, value in row.items() if value not in possible[question]]:
        yield f"{name}: {strange} has no such value"
    elif not _accepted(row, asked):
        yield f"{name}: is refused"
