"""Names that a Python module and its classes bind: by an import, a definition or an assignment."""

import ast
from collections import Counter
from collections.abc import Iterator

_SIMPLE = (
    ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
)


def counted(tree: ast.Module) -> Counter[str]:
    """Each name with the number of different things that it is bound to, and each import with its number."""
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
    """Those of a module and of its classes, also below an `if` or a `try`, but none of a function."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, _SIMPLE):
            yield name, node
        if isinstance(node, ast.ClassDef):
            yield from _statements(node, f"{name}{node.name}.")
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(node, _SIMPLE):
            yield from _statements(node, name)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, and the thing that it is: `import a.b` binds `a`."""
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
