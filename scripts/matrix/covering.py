"""Few rows in which every combination of so many values that can meet does meet: a constrained greedy generator."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from copperplate.questions.manifest import Value, is_on
from scripts.matrix.parameters import HEAVY, RARE, Rule

Row = dict[str, Value]
Combination = tuple[tuple[str, Value], ...]
"""Values of different parameters, in the order of the parameters."""

CANDIDATES = 40
"""Rows that are tried for each row that is taken."""


@dataclass(frozen=True)
class Space:
    """Every row that there could be, and how many of its values are looked at together."""

    parameters: Mapping[str, Sequence[Value]]
    rules: Sequence[Rule]
    strength: int

    def wanted(self) -> set[Combination]:
        """Every combination that is part of some row which no rule forbids."""
        return {
            chosen
            for names in combinations(self.parameters, self.strength)
            for values in product(*(self.parameters[name] for name in names))
            if self.can_become_a_row(dict(chosen := tuple(zip(names, values, strict=True))))
        }

    def can_become_a_row(self, part: Mapping[str, Value]) -> bool:
        """Whether the values that are open can be chosen so that no rule is broken."""
        if not all(rule.allows(part) for rule in self.rules):
            return False
        ruled = (name for rule in self.rules for name in (rule.feature, rule.other))
        open_name = next((name for name in ruled if name not in part), None)
        if open_name is None:
            return True
        return any(self.can_become_a_row({**part, open_name: value}) for value in self.parameters[open_name])

    def covered(self, row: Mapping[str, Value]) -> Iterator[Combination]:
        """Yield the combinations that `row`, of which some values may still be open, covers."""
        chosen = [(name, row[name]) for name in self.parameters if name in row]
        rare = is_rare(chosen)
        yield from (found for found in combinations(chosen, self.strength) if not rare or is_rare(found))

    def adding(self, row: Mapping[str, Value], name: str, value: Value) -> Iterator[Combination]:
        """Yield the combinations that `row` would cover besides, with one value more."""
        complete = {**row, name: value}
        yield from (found for found in self.covered(complete) if (name, value) in found)


def is_rare(chosen: Iterable[tuple[str, Value]]) -> bool:
    return any(value in RARE.get(name, ()) for name, value in chosen)


def weight(row: Mapping[str, Value]) -> int:
    """How many heavy features are run with the row; a rare one is run only in part."""
    return 0 if is_rare(row.items()) else sum(is_on(row[feature]) for feature in HEAVY if feature in row)


def completed(space: Space, base: Mapping[str, Row], *, seed: int) -> dict[str, Row]:
    """Complete the rows of `base`, and add others until every combination is covered."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    missing = space.wanted()
    rows: dict[str, Row] = {}
    for name, fixed in base.items():
        rows[name] = _best(space, [fixed], missing, chance)
        missing.difference_update(space.covered(rows[name]))
    while missing:
        # Sorted, for the order of a set is another one in each process.
        openings = [dict(found) for found in chance.sample(sorted(missing, key=repr), min(CANDIDATES, len(missing)))]
        row = _best(space, openings, missing, chance)
        rows[f"row-{len(rows) + 1 - len(base):02}"] = row
        missing.difference_update(space.covered(row))
    return rows


def _best(space: Space, openings: Sequence[Row], missing: set[Combination], chance: random.Random) -> Row:
    """Grow `CANDIDATES` rows from the openings, and take the one that covers most of what is missing."""
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
