"""Covering rows: a constrained greedy generator of few rows with every possible combination of so many values."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from copperplate.questions.manifest import Value, is_on
from testing.matrix.parameters import HEAVY, RARE, Rule

Row = dict[str, Value]
Combination = tuple[tuple[str, Value], ...]
"""Values of different parameters, in the order of the parameters."""

CANDIDATES = 40
"""Number of candidates for each row."""


@dataclass(frozen=True)
class Space:
    """All possible rows, and the number of values in a combination."""

    parameters: Mapping[str, Sequence[Value]]
    rules: Sequence[Rule]
    strength: int

    def wanted(self) -> set[Combination]:
        """Return every combination that occurs in a row which the rules allow."""
        return {
            chosen
            for names in combinations(self.parameters, self.strength)
            for values in product(*(self.parameters[name] for name in names))
            if self.can_become_a_row(dict(chosen := tuple(zip(names, values, strict=True))))
        }

    def can_become_a_row(self, part: Mapping[str, Value]) -> bool:
        """True if the open values can be chosen without breaking a rule."""
        if not all(rule.allows(part) for rule in self.rules):
            return False
        ruled = (name for rule in self.rules for name in (rule.feature, rule.other))
        open_name = next((name for name in ruled if name not in part), None)
        if open_name is None:
            return True
        return any(self.can_become_a_row({**part, open_name: value}) for value in self.parameters[open_name])

    def covered(self, row: Mapping[str, Value]) -> Iterator[Combination]:
        """Yield the combinations that `row` covers; some of its values may be open."""
        chosen = [(name, row[name]) for name in self.parameters if name in row]
        rare = is_rare(chosen)
        yield from (found for found in combinations(chosen, self.strength) if not rare or is_rare(found))

    def adding(self, row: Mapping[str, Value], name: str, value: Value) -> Iterator[Combination]:
        """Yield the additional combinations that `row` would cover with one more value."""
        complete = {**row, name: value}
        yield from (found for found in self.covered(complete) if (name, value) in found)


def is_rare(chosen: Iterable[tuple[str, Value]]) -> bool:
    return any(value in RARE.get(name, ()) for name, value in chosen)


def weight(row: Mapping[str, Value]) -> int:
    """Return the number of heavy features in the row; a rare row runs only in part."""
    return 0 if is_rare(row.items()) else sum(is_on(row[feature]) for feature in HEAVY if feature in row)


def completed(space: Space, base: Mapping[str, Row], *, seed: int) -> dict[str, Row]:
    """Complete the rows of `base`, and add others until every combination is covered."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    missing = space.wanted()
    rows = _filled(space, base, missing, chance)
    while missing:
        # Sorted, because the order of a set differs in each process.
        openings = [dict(found) for found in chance.sample(sorted(missing, key=repr), min(CANDIDATES, len(missing)))]
        row = _best(space, openings, missing, chance)
        rows[f"row-{len(rows) + 1 - len(base):02}"] = row
        missing.difference_update(space.covered(row))
    return rows


def filled(space: Space, base: Mapping[str, Row], *, seed: int) -> dict[str, Row]:
    """Choose the open values of the rows of `base`, so that they cover many combinations."""
    return _filled(space, base, space.wanted(), random.Random(seed))  # noqa: S311 - repeatable, not secret


def _filled(space: Space, base: Mapping[str, Row], missing: set[Combination], chance: random.Random) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for name, fixed in base.items():
        rows[name] = _best(space, [fixed], missing, chance)
        missing.difference_update(space.covered(rows[name]))
    return rows


def _best(space: Space, openings: Sequence[Row], missing: set[Combination], chance: random.Random) -> Row:
    """Grow `CANDIDATES` rows from the openings, and take the one that covers most missing combinations."""
    grown = (_grown(space, openings[number % len(openings)], missing, chance) for number in range(CANDIDATES))
    return max(grown, key=lambda row: len(missing.intersection(space.covered(row))))


def _grown(space: Space, opening: Row, missing: set[Combination], chance: random.Random) -> Row:
    row = dict(opening)
    open_names = [name for name in space.parameters if name not in row]
    chance.shuffle(open_names)
    rare = is_rare(row.items())
    for name in open_names:
        fitting = [value for value in space.parameters[name] if space.can_become_a_row({**row, name: value})]
        usual = fitting if rare else [value for value in fitting if not is_rare([(name, value)])]
        chance.shuffle(usual)
        row[name] = max(usual, key=lambda value: len(missing.intersection(space.adding(row, name, value))))
    return {name: row[name] for name in space.parameters}
