"""Importers: the user's own modules that import a module which the template removes."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

_SAYS_IMPORT = re.compile(rb"^\s*(?:from|import)\s", re.MULTILINE)
_STATEMENT = re.compile(
    rb"^[ \t]*((?:from|import)\s(?:[^\n(\\#]|\\\r?\n|\([^)]*\))*)(?:#.*)?$",
    re.MULTILINE,
)


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
    """Return the files of `gone` that `modules` (paths to contents) import, each with its importers.

    A name that `remaining` files still offer is not gone.
    """
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
    return {name for tree in _trees(content) for node in ast.walk(tree) for name in _names(node, package)}


def _trees(content: bytes) -> list[ast.Module]:
    """Return the module's syntax tree; if this Python cannot read it, the trees of all lines that look like imports.

    The module may be for a newer Python. Then any text that looks like an import counts as one.
    """
    with warnings.catch_warnings(action="ignore"):  # warnings about the user's code
        if tree := _tree(content):
            return [tree]
        return [tree for found in _STATEMENT.finditer(content) if (tree := _tree(found[1]))]


def _tree(code: bytes) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _names(node: ast.AST, package: list[str]) -> Iterator[str]:
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
