"""Few rows in which every two values of different parameters meet at least once."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product

from copperplate.manifest import Value

Row = dict[str, Value]
Pair = frozenset[tuple[str, Value]]


def all_pairs(parameters: Mapping[str, Sequence[Value]]) -> set[Pair]:
    """Return every two values that could meet."""
    return {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(parameters, 2)
        for a, b in product(parameters[one], parameters[other])
    }


def pairs_in(row: Mapping[str, Value]) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def pairwise(parameters: Mapping[str, Sequence[Value]]) -> list[Row]:
    """Build rows greedily: each starts from a pair that no row has yet, and takes what adds the most new pairs."""
    missing = all_pairs(parameters)
    rows: list[Row] = []
    while missing:
        row = dict(min((sorted(pair, key=repr) for pair in missing), key=repr))
        for name, values in parameters.items():
            if name not in row:
                added = {value: len(missing & pairs_in(row | {name: value})) for value in values}
                row[name] = max(added, key=lambda value: added[value])
        missing -= pairs_in(row)
        rows.append({name: row[name] for name in parameters})
    return rows
