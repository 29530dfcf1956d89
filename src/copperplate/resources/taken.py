"""Names that a project has taken: those of its modules and test folders, and those of its tables."""

import ast
from pathlib import Path


def packages(root: Path, package: str) -> set[str]:
    """Return names that a new package of the project, or its tests, cannot have."""
    found = set()
    for folder in (root / "src" / package, root / "tests"):
        if folder.is_dir():
            found |= {path.name.partition(".")[0] for path in folder.iterdir() if path.name != "__pycache__"}
    return found


def tables(root: Path, package: str) -> set[str]:
    """Return the names of tables, as the project's code writes them."""
    found = set()
    for file in (root / "src" / package).rglob("*.py"):
        source = file.read_bytes()
        if b"__tablename__" in source or b"Table(" in source:
            found |= set(_tables(source))
    return found


def _tables(source: bytes) -> list[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []  # the project's own checks report it
    return [name for node in ast.walk(tree) if (name := _table(node))]


def _table(node: ast.AST) -> str | None:
    """Return the name that `__tablename__ = "…"` or `Table("…", …)` gives to a table."""
    match node:
        case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
            return name
        case ast.Call(
            func=ast.Name(id="Table") | ast.Attribute(attr="Table"), args=[ast.Constant(value=str(name)), *_]
        ):
            return name
    return None
