"""The order of imports that Ruff and isort keep: sections, modules in them, names in a statement."""

import re
import sys
from dataclasses import dataclass

_FUTURE, _STANDARD, _THIRD_PARTY, _FIRST_PARTY, _LOCAL = range(5)


@dataclass(frozen=True, slots=True)
class Statement:
    module: str
    level: int = 0
    """The number of dots in front of the module."""

    names: tuple[str, ...] = ()
    """Of a `from` import; each may have ` as another` behind it."""

    alias: str = ""


def section(statement: Statement, first_party: frozenset[str]) -> int:
    """By which blank lines are set; `first_party` names the project's own top-level modules."""
    top = statement.module.partition(".")[0]
    if statement.level:
        return _LOCAL
    if top == "__future__":
        return _FUTURE
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _FIRST_PARTY if top in first_party else _THIRD_PARTY


def statement_key(statement: Statement, first_party: frozenset[str]) -> tuple[object, ...]:
    return (
        section(statement, first_party),
        bool(statement.names),
        -statement.level,
        _natural(statement.module.lower()),
        _natural(statement.module),
        min(map(name_key, statement.names), default=()),
        _natural(statement.alias),
    )


def name_key(name: str) -> tuple[object, ...]:
    """Constants, then classes, then the rest, each without regard to case."""
    member, _, alias = name.partition(" as ")
    is_constant = len(member) > 1 and member.isupper()
    is_class = member[:1].isupper()
    return not is_constant, not is_class, _natural(member.lower()), _natural(member), _natural(alias)


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers in a name are compared as numbers."""
    parts = re.findall(r"\d+|\D", text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
