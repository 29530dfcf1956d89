"""Shortening of the rows: leave out a row or a feature, and let other rows cover its combinations."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping

from testing.matrix.covering import Combination, Row, Space, is_rare, weight
from testing.matrix.parameters import HEAVY

STEPS = 20_000
"""Number of changes that are tried before a row counts as needed."""

HEAT = 0.6
"""Initial temperature: the search accepts some changes for the worse, so that it does not stop at a local optimum."""


class _Covering:
    """Rows, with the number of rows for each wanted combination."""

    def __init__(self, space: Space, rows: Mapping[str, Row]) -> None:
        self.space = space
        self.rows = dict(rows)
        self.count = Counter(found for row in rows.values() for found in space.covered(row))
        self.missing: set[Combination] = set()

    @property
    def weight(self) -> int:
        return sum(map(weight, self.rows.values()))

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
    """Drop rows, except those of `base`, while the others can be changed to cover all combinations."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    kinds = {kind: [n for n in rows if n not in base and is_rare(rows[n].items()) is kind] for kind in (False, True)}
    for droppable in kinds.values():  # a row cannot replace one of the other kind
        while droppable:
            covering = _Covering(space, rows)
            covering.drop(droppable.pop())
            if not _mended(covering, base, covering.weight + len(HEAVY), chance):
                break
            rows = covering.rows
    return rows


def lightened(space: Space, rows: dict[str, Row], base: Mapping[str, Row], *, seed: int) -> dict[str, Row]:
    """Switch off heavy features, except those of `base`, while the rows can be changed to cover all combinations."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for name, feature in [(name, feature) for name in rows for feature in HEAVY]:
        covering = _Covering(space, rows)
        lighter = {**rows[name], feature: False}
        if weight(lighter) < weight(rows[name]) and _agree(base.get(name, {}), lighter.items()):
            limit = covering.weight - 1
            covering.replace(name, lighter)
            if _mended(covering, base, limit, chance):
                rows = covering.rows
    return rows


def _mended(covering: _Covering, base: Mapping[str, Row], limit: int, chance: random.Random) -> bool:
    """Change rows until no combination is missing and the weight is at most `limit`."""
    for step in range(STEPS):
        if not covering.missing:
            return covering.weight <= limit
        wanted = dict(chance.choice(sorted(covering.missing, key=repr)))
        able = _able(wanted, covering, base, limit)
        if not able:
            continue
        name = chance.choice(able)
        before, lost = covering.rows[name], len(covering.missing)
        covering.replace(name, {**before, **wanted})
        worse = len(covering.missing) - lost
        heat = HEAT * (1 - step / STEPS) + 1e-9
        if worse > 0 and chance.random() > math.exp(-worse / heat):
            covering.replace(name, before)
    return False


def _able(wanted: Row, covering: _Covering, base: Mapping[str, Row], limit: int) -> list[str]:
    """Return the rows that can get the values `wanted`: they keep their kind, their fixed values and the rules."""
    rare = is_rare(wanted.items())
    allowed = limit - covering.weight
    return [
        name
        for name, row in covering.rows.items()
        if is_rare(row.items()) is rare
        and _agree(base.get(name, {}), wanted.items())
        and weight({**row, **wanted}) - weight(row) <= allowed
        and covering.space.can_become_a_row({**row, **wanted})
    ]


def _agree(fixed: Row, wanted: Iterable[tuple[str, object]]) -> bool:
    return all(fixed.get(name, value) == value for name, value in wanted)
