"""Names that a project has taken: those of its modules and test folders, and those of its tables."""

import ast
from pathlib import Path

from copperplate.resources.rendering import SHARED_MODULE


def packages(root: Path, package: str) -> set[str]:
    """Return names that a new package of the project, or its tests, cannot have."""
    found = {SHARED_MODULE}
    for folder in (root / "src" / package, root / "tests"):
        if folder.is_dir():
            found |= {path.name.partition(".")[0] for path in folder.iterdir() if path.name != "__pycache__"}
    return found


def tables(root: Path, package: str) -> set[str]:
    """Return the names of tables, as the project's code writes them."""
    found = set()
    for file in (root / "src" / package).rglob("*.py"):
        source = file.read_bytes()
        if b"__tablename__" in source:
            found |= set(_tables(source))
    return found


def _tables(source: bytes) -> list[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []  # the project's own checks report it
    return [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__tablename__" for target in node.targets)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
