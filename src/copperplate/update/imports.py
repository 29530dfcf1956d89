"""Imports of Python modules: their bindings, their order by Ruff and isort, and who imports a module that goes away."""

import ast
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

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
            names = (name for name in ast.walk(target) if isinstance(name, ast.Name))
            yield from (name.id for name in names if isinstance(name.ctx, ast.Store))


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


_SAYS_IMPORT = re.compile(rb"^\s*(?:from|import)\s", re.MULTILINE)
_STATEMENT = re.compile(rb"^[ \t]*((?:from|import)\s(?:[^\n(\\#]|\\\r?\n|\([^)]*\))*)(?:#.*)?$", re.MULTILINE)


def module_of(path: str) -> str | None:
    """Return the dotted name by which the file at `path` is imported; None if it is not a module."""
    pure = PurePosixPath(path)
    if pure.suffix != ".py":
        return None
    parts = [*pure.parent.parts, pure.stem]
    if parts[0] == "src":
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts) or None


def users_of(gone: Iterable[str], remaining: Iterable[str], modules: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return the files of `gone` that `modules` import, with the importers; not those that `remaining` replace."""
    offered = {module_of(path) for path in remaining}
    lost = {name: path for path in gone if (name := module_of(path)) and name not in offered}
    found: dict[str, list[str]] = {}
    for path, content in modules.items():
        for name in sorted(_imported(path, content)):
            if name in lost:
                found.setdefault(lost[name], []).append(path)
    return found


def _imported(path: str, content: bytes) -> set[str]:
    """Return all imported names that may be modules."""
    module = module_of(path)
    if module is None or not _SAYS_IMPORT.search(content):
        return set()
    package = module.split(".") if path.endswith("__init__.py") else module.split(".")[:-1]
    return {name for tree in _trees(content) for node in ast.walk(tree) for name in _imported_names(node, package)}


def _trees(content: bytes) -> list[ast.Module]:
    """Return the module's syntax tree; if this Python cannot read it, the trees of all lines that look like imports.

    The module may be for a newer Python. Then any text that looks like an import counts as one.
    """
    with warnings.catch_warnings(action="ignore"):  # warnings about the user's code
        if tree := _parsed(content):
            return [tree]
        return [tree for found in _STATEMENT.finditer(content) if (tree := _parsed(found[1]))]


def _parsed(code: bytes) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _imported_names(node: ast.AST, package: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _with_parents(alias.name)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from _with_parents(base)
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _with_parents(name: str) -> Iterator[str]:
    """Return the names with their parents: an import of `a.b.c` first imports `a` and `a.b`."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))
