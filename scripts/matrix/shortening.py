"""Make do with fewer rows: leave one out, and mend what it alone covered by changing values of the others."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping

from scripts.matrix.covering import Combination, Row, Space, is_rare

STEPS = 20_000
"""Changes that are tried before a row is taken for needed."""

HEAT = 0.6
"""How readily a change for the worse is made at first, so that the search does not stay where it can only get worse."""


class _Covering:
    """Rows, and how often each wanted combination is covered by them."""

    def __init__(self, space: Space, rows: Mapping[str, Row]) -> None:
        self.space = space
        self.rows = dict(rows)
        self.count = Counter(found for row in rows.values() for found in space.covered(row))
        self.missing: set[Combination] = set()

    def replace(self, name: str, row: Row) -> None:
        self._take(name)
        self.rows[name] = row
        found = set(self.space.covered(row))
        self.count.update(found)
        self.missing -= found

    def drop(self, name: str) -> None:
        self._take(name)
        del self.rows[name]

    def _take(self, name: str) -> None:
        found = set(self.space.covered(self.rows[name]))
        self.count.subtract(found)
        self.missing |= {combination for combination in found if not self.count[combination]}


def shortened(space: Space, rows: dict[str, Row], base: Mapping[str, Row], *, seed: int) -> dict[str, Row]:
    """Drop rows, but none of `base`, as long as the others can be made to cover all that is covered."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    kinds = {kind: [n for n in rows if n not in base and is_rare(rows[n].items()) is kind] for kind in (False, True)}
    for droppable in kinds.values():  # no row can stand in for one of the other kind
        while droppable:
            attempt = _without(droppable[-1], space, rows, base, chance)
            if attempt is None:
                break
            rows = attempt
            droppable.pop()
    return rows


def _without(
    dropped: str, space: Space, rows: dict[str, Row], base: Mapping[str, Row], chance: random.Random
) -> dict[str, Row] | None:
    covering = _Covering(space, rows)
    covering.drop(dropped)
    for step in range(STEPS):
        if not covering.missing:
            return covering.rows
        wanted = dict(chance.choice(sorted(covering.missing, key=repr)))
        name = chance.choice(_able(wanted, space, covering.rows, base))
        before, lost = covering.rows[name], len(covering.missing)
        covering.replace(name, {**before, **wanted})
        worse = len(covering.missing) - lost
        heat = HEAT * (1 - step / STEPS) + 1e-9
        if worse > 0 and chance.random() > math.exp(-worse / heat):
            covering.replace(name, before)
    return None


def _able(wanted: Row, space: Space, rows: Mapping[str, Row], base: Mapping[str, Row]) -> list[str]:
    """The rows that may be given the values `wanted`: they stay of their kind, keep what is fixed and break no rule."""
    rare = is_rare(wanted.items())
    return [
        name
        for name, row in rows.items()
        if is_rare(row.items()) is rare
        and _agree(base.get(name, {}), wanted.items())
        and space.can_become_a_row({**row, **wanted})
    ]


def _agree(fixed: Row, wanted: Iterable[tuple[str, object]]) -> bool:
    return all(fixed.get(name, value) == value for name, value in wanted)
