"""Imports and other names of a Python module: their bindings, and the order of Ruff and isort."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_SIMPLE = (
    ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
)


def bound_names(tree: ast.Module) -> Counter[str]:
    """Count the different bindings of each name, and the occurrences of each import."""
    found: Counter[str] = Counter()
    imported: set[tuple[str, str]] = set()
    for scope, node in _statements(tree, ""):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(f"import {scope}{ast.unparse(alias)} of {_module(node)}" for alias in node.names)
            for name, thing in _imports(node):
                imported.add((f"{scope}{name}", thing))
        else:
            found.update(f"{scope}{name}" for name in _names(node))
    found.update(name for name, thing in imported if not thing.endswith(" *"))
    return found


def _statements(scope: ast.AST, name: str) -> Iterator[tuple[str, ast.stmt]]:
    """Return the statements of a module and its classes, also below `if` and `try`, but not those of functions."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, _SIMPLE):
            yield name, node
        if isinstance(node, ast.ClassDef):
            yield from _statements(node, f"{name}{node.name}.")
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(node, _SIMPLE):
            yield from _statements(node, name)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Return each name that an import binds, with its object: `import a.b` binds `a`."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{_module(node)} {alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.partition(".")[0]
            yield top, top


def _module(node: ast.Import | ast.ImportFrom) -> str:
    return f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name) and _is_bound(name))


def _is_bound(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


_FUTURE, _STANDARD, _THIRD_PARTY, _FIRST_PARTY, _LOCAL = range(5)


@dataclass(frozen=True, slots=True)
class Statement:
    module: str
    level: int = 0
    """Number of dots before the module."""

    names: tuple[str, ...] = ()
    """Names of a `from` import; each may have ` as another` after it."""

    alias: str = ""


def section(statement: Statement, first_party: frozenset[str]) -> int:
    """Return the section of an import, which decides blank lines. `first_party` are the project's top-level modules."""
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
    """Sort key of a name: constants, then classes, then the rest; upper and lower case are the same."""
    member, _, alias = name.partition(" as ")
    is_constant = len(member) > 1 and member.isupper()
    is_class = member[:1].isupper()
    return not is_constant, not is_class, _natural(member.lower()), _natural(member), _natural(alias)


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which numbers in a name are compared as numbers."""
    parts = re.findall(r"\d+|\D", text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
