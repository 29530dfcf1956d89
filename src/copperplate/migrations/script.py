"""Script of one database revision, read by its syntax tree: its code never runs, and only literals are rewritten."""

import ast
import platform
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from copperplate.errors import RefusedError

_NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
_ID = re.compile(r"[^\s\"'\\]+")


@dataclass(frozen=True, slots=True)
class Script:
    file: Path
    source: bytes
    tree: ast.Module = field(repr=False)
    revision: str
    parents: tuple[str, ...]
    """Empty for a base, two or more for a merge."""
    is_plain: bool
    """Whether it has one parent at most, and neither labels nor dependencies."""

    @property
    def parent(self) -> str | None:
        return self.parents[0] if self.parents else None

    @property
    def summary(self) -> str:
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def substance(self) -> str:
        """What it does, whatever its name, its place in the chain and its comments."""
        kept = [statement for statement in self.tree.body if _assigned(statement)[0] not in _NAMES]
        if ast.get_docstring(self.tree) is not None:
            kept = kept[1:]
        return ast.dump(ast.Module(kept, []))

    def with_values(self, **values: str | None) -> bytes:
        """The source with literals assigned to the names of `values` replaced, and all else as it was."""
        replaced = self.source
        assignments = [_assigned(statement) for statement in self.tree.body]
        for name, node in reversed(assignments):
            if name in values and node is not None and ast.literal_eval(node) != values[name]:
                replaced = replaced_node(replaced, node, _literal(values[name]))
        return replaced


def read(file: Path) -> Script:
    """The revision in `file`; raises `RefusedError` where only running it would tell which revision it is."""
    return parse(file, file.read_bytes())


def parse(file: Path, source: bytes) -> Script:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise _unreadable(file, f"it is not Python {platform.python_version()}: {error}") from None
    values: dict[str, Any] = {}
    for name, node in (_assigned(statement) for statement in tree.body):
        if name in _NAMES and node is not None:
            try:
                values[name] = ast.literal_eval(node)
            except ValueError:
                raise _unreadable(file, f"its {name} is computed") from None
    revision, parents = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not _ID.fullmatch(revision):
        raise _unreadable(file, "it names no revision")
    parents = () if parents is None else (parents,) if isinstance(parents, str) else parents
    if not isinstance(parents, tuple | list) or not all(isinstance(parent, str) for parent in parents):
        raise _unreadable(file, "its down_revision is neither text nor a sequence of texts")
    is_plain = len(parents) < 2 and not values.get("branch_labels") and not values.get("depends_on")  # noqa: PLR2004 - a merge
    return Script(file, source, tree, revision, tuple(parents), is_plain)


def replaced_node(source: bytes, node: ast.expr, text: str) -> bytes:
    """`source` with `text` where `node` stands; positions of a syntax tree count bytes of UTF-8."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    return source[:start] + text.encode() + source[end:]


def _literal(value: str | None) -> str:
    return "None" if value is None else f'"{value}"'


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """The one name to which `statement` assigns, and the value."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            return name, value
    return "", None


def _unreadable(file: Path, why: str) -> RefusedError:
    return RefusedError(
        f"the database revision {file.name} cannot be read: {why}", "put it right; `alembic history` shows them all"
    )


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    """Relative to the project's root."""
    revision: str
    after: str | None
    """The revision before it, now."""
    note: str
    """A sentence for the user."""
    destroys: bool = False
    """Whether rows are lost when it runs."""


def relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder.resolve()).as_posix()
