"""Scripts of database revisions, and their order in the chain.

A script is read as a syntax tree: its code never runs, and only literals are rewritten.
"""

import ast
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from copperplate.errors.updates import (
    ManyHeadsError,
    MissingRevisionError,
    RevisionCircleError,
    RevisionFault,
    SameRevisionError,
    UnreadableRevisionError,
)
from copperplate.migrations.layout import Layout, find_script, read_layout

_NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
_ID = re.compile(r"[^\s\"'\\]+")


@dataclass(frozen=True, slots=True)
class Script:
    file: Path
    source: bytes
    tree: ast.Module = field(repr=False)
    revision: str
    parents: tuple[str, ...]
    """Parents: empty for a base, two or more for a merge."""
    is_plain: bool
    """True if it has at most one parent, and no labels or dependencies."""

    @property
    def parent(self) -> str | None:
        return self.parents[0] if self.parents else None

    @property
    def summary(self) -> str:
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def substance(self) -> str:
        """Return what the revision does, without its name, its place in the chain and its comments."""
        kept = [statement for statement in self.tree.body if _assigned(statement)[0] not in _NAMES]
        if ast.get_docstring(self.tree) is not None:
            kept = kept[1:]
        return ast.dump(ast.Module(kept, []))

    def with_values(self, **values: str | None) -> bytes:
        """Return the source with other literals for the names in `values`, and all else unchanged."""
        replaced = self.source
        assignments = [_assigned(statement) for statement in self.tree.body]
        for name, node in reversed(assignments):
            if name in values and node is not None and ast.literal_eval(node) != values[name]:
                replaced = replaced_node(replaced, node, "None" if values[name] is None else f'"{values[name]}"')
        return replaced


def parse(file: Path, source: bytes) -> Script:
    """Read the revision in `file`; raises `RefusedError` if its id is known only when it runs."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise _unreadable(file, "syntax", f"it is not Python {platform.python_version()}: {error}") from None
    values: dict[str, Any] = {}
    for name, node in (_assigned(statement) for statement in tree.body):
        if name in _NAMES and node is not None:
            try:
                values[name] = ast.literal_eval(node)
            except ValueError:
                raise _unreadable(file, "computed", f"its {name} is computed") from None
    revision, parents = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not _ID.fullmatch(revision):
        raise _unreadable(file, "revision", "it names no revision")
    parents = () if parents is None else (parents,) if isinstance(parents, str) else parents
    if not isinstance(parents, tuple | list) or not all(isinstance(parent, str) for parent in parents):
        raise _unreadable(file, "down_revision", "its down_revision is neither text nor a sequence of texts")
    is_plain = len(parents) < 2 and not values.get("branch_labels") and not values.get("depends_on")  # noqa: PLR2004 - a merge
    return Script(file, source, tree, revision, tuple(parents), is_plain)


def replaced_node(source: bytes, node: ast.expr, text: str) -> bytes:
    """Return `source` with `text` in place of `node`; positions in a syntax tree count bytes of UTF-8."""
    starts = list(accumulate(map(len, source.splitlines(keepends=True)), initial=0))
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    return source[:start] + text.encode() + source[end:]


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return the one name to which `statement` assigns, and the value."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            return name, value
    return "", None


def _unreadable(file: Path, fault: RevisionFault, why: str) -> UnreadableRevisionError:
    what = f"the database revision {file.name} cannot be read: {why}"
    hint = "correct it; `alembic history` shows them all"
    return UnreadableRevisionError(what, hint, file=file.name, fault=fault)


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    """Relative to the project's root."""
    revision: str
    after: str | None
    """Revision before it, after the change."""
    note: str
    """Sentence for the user."""
    destroys: bool = False
    """True if it deletes rows, or values of them."""


def relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder.resolve()).as_posix()


def read_all(folder: Path, package: str, layout: Layout | None = None) -> list[Script]:
    root = folder.resolve()
    return [parse(file, file.read_bytes()) for file in (layout or read_layout(root, package)).scripts(root)]


def parted(
    folder: Path, package: str, paths: Sequence[str], layout: Layout | None = None
) -> tuple[list[Script], list[Script]]:
    """Return the revisions at `paths`, and all others; raises `RefusedError` if one is missing."""
    scripts = read_all(folder, package, layout)
    files = [each.file for each in scripts]
    chosen = {path: find_script(path, files, folder.resolve()) for path in paths}
    if missing := sorted(path for path, file in chosen.items() if file is None):
        what = f"{missing[0]} is no database revision of the project"
        raise MissingRevisionError(what, "restore it, and try again", file=missing[0])
    named = set(chosen.values())
    return [each for each in scripts if each.file in named], [each for each in scripts if each.file not in named]


def head(scripts: Sequence[Script]) -> str | None:
    """Return the one revision that no other follows, or None without revisions; raises `RefusedError` for several."""
    _refuse_broken(scripts)
    ordered(scripts)
    followed = {parent for each in scripts for parent in each.parents}
    heads = sorted(each.revision for each in scripts if each.revision not in followed)
    if scripts and len(heads) != 1:
        what = f"the project's database revisions have {len(heads)} heads: {', '.join(heads)}"
        raise ManyHeadsError(what, "join them: uv run alembic merge heads, and commit that", heads=heads)
    return heads[0] if heads else None


def ordered(scripts: Sequence[Script]) -> list[Script]:
    """Sort: each after those it depends on, otherwise in the given order; raises `RefusedError` for a circle."""
    left = list(scripts)
    done: list[Script] = []
    while left:
        waiting = {each.revision for each in left}
        ready = next((each for each in left if waiting.isdisjoint(each.parents)), None)
        if ready is None:
            what = f"the database revisions {', '.join(sorted(waiting))} follow each other in a circle"
            hint = "correct their down_revision; `alembic history` shows them all"
            raise RevisionCircleError(what, hint, file=min(waiting))
        left.remove(ready)
        done.append(ready)
    return done


def _refuse_broken(scripts: Sequence[Script]) -> None:
    files: dict[str, Path] = {}
    for each in scripts:
        if each.revision in files:
            raise SameRevisionError(
                f"{files[each.revision].name} and {each.file.name} are both the database revision {each.revision}",
                "give one of them another `revision`, and use that as `down_revision` in the revision that follows it",
                file=each.file.name,
            )
        files[each.revision] = each.file
    for each in scripts:
        for parent in each.parents:
            if parent not in files:
                what = f"{each.file.name} follows the database revision {parent}, which the project does not have"
                raise MissingRevisionError(what, "restore it from git, or correct down_revision", file=parent)
