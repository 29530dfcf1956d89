"""Changes to database revisions: new ones at the head, and those that drop, recreate or remove tables."""

import ast
import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from copperplate.errors.updates import IntricateRevisionError, IrreversibleRevisionError
from copperplate.migrations import script
from copperplate.migrations.layout import Layout, find_script
from copperplate.migrations.script import Change, Script, relative, replaced_node


def append_to_head(
    folder: Path, package: str, arrived: Sequence[str], *, layout: Layout | None = None
) -> tuple[Change, ...]:
    """Append the revisions at the paths `arrived` to the project's head, in their own order.

    They are new to this project, so they ran on no database: `down_revision` may be rewritten, and also `revision` if
    the project uses that id. All other revisions keep every byte. Raises `RefusedError` before anything is written if
    the project's own revisions do not have exactly one head, or if a revision cannot be read.
    """
    root = folder.resolve()
    found, own = script.parted(root, package, arrived, layout)
    new = script.ordered(found)
    for each in new:
        refuse_intricate(each)
    after = script.head(own)
    taken = {each.revision for each in own}
    written: list[tuple[Script, bytes, Change]] = []
    for each in new:
        revision = unused_id(each.revision, taken, seed=each.source)
        source = each.with_values(revision=revision, down_revision=after)
        if source != each.source:
            change = Change(relative(each.file, root), revision, after, _note(each, revision, after))
            written.append((each, source, change))
        taken.add(revision)
        after = revision
    for each, source, _ in written:
        each.file.write_bytes(source)
    return tuple(change for *_, change in written)


def refuse_intricate(script: Script) -> None:
    """Refuse a revision that merges others, has labels or depends on others: only its author can place it."""
    if not script.is_plain:
        what = f"the template's database revision {script.file.name} is a merge, or has labels or dependencies"
        hint = "give it its place by hand; copperplate only moves plain ones"
        raise IntricateRevisionError(what, hint, file=script.file.name)


def unused_id(wanted: str, taken: Collection[str], *, seed: bytes) -> str:
    """Return `wanted`, or an id like Alembic's own: always the same id for the same arguments."""
    revision, number = wanted, 0
    while revision in taken or not revision:
        revision = hashlib.sha256(b"%d %b %b" % (number, wanted.encode(), seed)).hexdigest()[:12]
        number += 1
    return revision


def _note(script: Script, revision: str, after: str | None) -> str:
    place = f"follows {after}" if after else "is the first"
    if revision == script.revision:
        return f"the new database revision {revision} {place}"
    return f"the new database revision {revision} {place} (the project has a {script.revision} of its own)"


_DROPS = "Drop what revision {} made{}: its feature was removed."
_ROWS = ", with all its rows"
_MAKES = "Make again what revision {} made: its feature was added again."
_UPGRADE = re.compile(rb"^def upgrade\(.*:\n", re.MULTILINE)
_TURN = re.compile(r"(Drop|Make again) what revision (\S+) made\b")


def write_turned(  # noqa: PLR0913 - each says which revisions count
    folder: Path,
    package: str,
    owned: Sequence[str],
    *,
    drop: bool,
    aside: Sequence[str] = (),
    layout: Layout | None = None,
) -> tuple[Change, ...]:
    """Write, for each revision at the paths `owned`, a revision at the head that drops its tables; the newest first.

    Without `drop`, the new revisions create the tables of dropped ones again. Revisions at `owned` stay unchanged,
    because they may have run. The user reads and runs the new revisions; these need no more of the project's code than
    the old ones. Revisions at `aside` are not in place yet, and do not count.
    """
    _, scripts = script.parted(folder.resolve(), package, aside, layout)
    return _write_turned(folder.resolve(), scripts, owned, drop=drop)


def write_removal(  # noqa: PLR0913 - each decides what is dropped
    folder: Path, package: str, tables: Collection[str], main: str, *, prefix: str, present: Collection[str]
) -> tuple[Change, ...]:
    """Write revisions at the head that drop `tables`: one for each that works on these alone, the newest first.

    Tables that begin with `prefix` and are not `present` in the project's code may have been linked to them before.
    Before anything else, the rows of the table `main` are deleted: the reverse of a revision may need an empty table.
    """
    root = folder.resolve()
    scripts = script.read_all(root, package)
    revisions = [each for each in scripts if not is_turn(each)]
    own, others = revisions_of(with_former(tables, revisions, prefix, present), revisions)
    if others:
        what = f"the database revision {others[0].file.name} works on {main} and on other tables, so it is not reversed"
        hint = "write a revision that drops the table, and remove the files by hand; then copperplate resource eject"
        raise IrreversibleRevisionError(what, hint, file=others[0].file.name)
    owned = [relative(each.file, root) for each in own]
    return _write_turned(root, scripts, owned, drop=True, empties=main if len(own) > 1 else "")


def _write_turned(
    root: Path, scripts: Sequence[Script], owned: Sequence[str], *, drop: bool, empties: str = ""
) -> tuple[Change, ...]:
    after = script.head(scripts)
    files = {find_script(path, [each.file for each in scripts], root) for path in owned}
    concerned = [each for each in script.ordered(scripts) if each.file in files and _stands(each, scripts) == drop]
    taken = {each.revision for each in scripts}
    written: list[tuple[Path, bytes, Change]] = []
    for each in reversed(concerned) if drop else concerned:
        refuse_intricate(each)
        revision = unused_id("", taken, seed=f"{drop} {each.revision} {after}".encode())
        lost = _ROWS if empties and not written else _lost(each) if drop else ""
        summary = (_DROPS if drop else _MAKES).format(each.revision, lost)
        source = _swapped(each) if drop else each.source
        source = _with_head(each.file, source, summary, revision, after)
        if empties and not written:
            source = _UPGRADE.sub(rb'\g<0>    op.execute("DELETE FROM %b")\n' % empties.encode(), source, count=1)
        file = _free(each.file, "dropped" if drop else "again")
        verb = "drops" if drop else "makes again"
        note = f"the new database revision {revision} {verb} what {each.revision} ({each.file.name}) made"
        note += f"{lost}{',' if lost else ''} when the database is migrated, as `dev` does by itself" if drop else ""
        written.append((file, source, Change(relative(file, root), revision, after, note, destroys=bool(lost))))
        taken.add(revision)
        after = revision
    for file, source, _ in written:
        file.write_bytes(source)
    return tuple(change for *_, change in written)


def is_turn(found: Script) -> bool:
    """True if `found` was written here, to drop or recreate the tables of another revision."""
    return _TURN.match(found.summary) is not None


def _stands(turned: Script, scripts: Sequence[Script]) -> bool:
    """True if the tables of `turned` exist at the head: not dropped, or recreated as often as dropped."""
    turns = [found[1] for each in scripts if (found := _TURN.match(each.summary)) and found[2] == turned.revision]
    return turns.count("Drop") == turns.count("Make again")


def _lost(turned: Script) -> str:
    """Return what goes with the reverse of a revision: rows, unless it is certain that it made no table."""
    made = next(
        (each for each in turned.tree.body if isinstance(each, ast.FunctionDef) and each.name == "upgrade"), None
    )
    calls = [line.value for line in made.body if isinstance(line, ast.Expr)] if made else []
    verbs = {call.func.attr for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)}
    is_known = made is not None and len(calls) == len(made.body) and all(map(_is_operation, calls))
    if not is_known or "create_table" in verbs or not verbs <= _FIRST | _SECOND:
        return _ROWS
    return ", with the values of its columns" if "add_column" in verbs else ""


def _swapped(turned: Script) -> bytes:
    """Return the source with `upgrade` and `downgrade` swapped, with the comments above them."""
    functions = {each.name: each for each in turned.tree.body if isinstance(each, ast.FunctionDef)}
    called = {node.id for node in ast.walk(turned.tree) if isinstance(node, ast.Name)}
    if not {"upgrade", "downgrade"} <= functions.keys() or called & {"upgrade", "downgrade"}:
        what = f"{turned.file.name} cannot be reversed: it has no separate upgrade() and downgrade()"
        hint = "write a revision that drops its tables, and remove the feature's files by hand"
        raise IrreversibleRevisionError(what, hint, file=turned.file.name)
    lines = turned.source.splitlines(keepends=True)
    (first, one), (second, other) = sorted(
        ((_lines(functions[name], lines), name) for name in ("upgrade", "downgrade")), key=lambda pair: pair[0].start
    )
    between = lines[first.stop : second.start]
    swapped = (*_named(lines[second], other, one), *between, *_named(lines[first], one, other))
    return b"".join((*lines[: first.start], *swapped, *lines[second.stop :]))


def _lines(function: ast.FunctionDef, lines: Sequence[bytes]) -> slice:
    start = min([function.lineno, *(node.lineno for node in function.decorator_list)]) - 1
    while start and lines[start - 1].startswith(b"#"):
        start -= 1
    return slice(start, function.end_lineno)


def _named(lines: Sequence[bytes], old: str, new: str) -> list[bytes]:
    """Return the lines of a function under another name, with an end of line after the last."""
    text = b"".join(lines).rstrip(b"\r\n") + b"\n"
    return [re.sub(rb"^def %b\b" % old.encode(), b"def " + new.encode(), text, count=1, flags=re.MULTILINE)]


def _with_head(file: Path, source: bytes, summary: str, revision: str, after: str | None) -> bytes:
    tree = ast.parse(source)
    text = f'"""{summary}"""'
    first = tree.body[0]
    if isinstance(first, ast.Expr) and ast.get_docstring(tree) is not None:
        source = replaced_node(source, first.value, text)
    else:
        source = f"{text}\n\n".encode() + source
    return script.parse(file, source).with_values(revision=revision, down_revision=after)


def _free(file: Path, suffix: str) -> Path:
    """Return a free name beside `file`, such as `0002_items_dropped.py`."""
    number, free = 1, file.with_stem(f"{file.stem}_{suffix}")
    while free.exists():
        number += 1
        free = file.with_stem(f"{file.stem}_{suffix}_{number}")
    return free


_FIRST = {"create_table", "drop_table", "add_column", "drop_column", "alter_column", "bulk_insert", "batch_alter_table"}
"""Operations whose first argument is the table; of the others with a table, it is the second."""
_SECOND = {
    *("create_index", "drop_index", "drop_constraint", "create_primary_key", "create_foreign_key"),
    *("create_unique_constraint", "create_check_constraint", "create_exclude_constraint"),
}


def tables_of(script: Script) -> set[str]:
    """Return the tables that the operations of `script` name; plain SQL is not read."""
    calls = (node for node in ast.walk(script.tree) if isinstance(node, ast.Call) and _is_operation(node))
    return {name for call in calls for name in _tables(call)}


def revisions_of(tables: Collection[str], scripts: Sequence[Script]) -> tuple[list[Script], list[Script]]:
    """Return the revisions that work on these tables alone, and those that work on others too."""
    concerned = [(each, tables_of(each)) for each in scripts if tables_of(each) & set(tables)]
    own = [each for each, named in concerned if named <= set(tables)]
    return own, [each for each, named in concerned if not named <= set(tables)]


def with_former(tables: Collection[str], scripts: Sequence[Script], prefix: str, present: Collection[str]) -> set[str]:
    """Return `tables`, and those with `prefix` that are not `present` any more and that a revision names with them."""
    named = [tables_of(each) for each in scripts]
    former = {table for each in named for table in each if table.startswith(prefix) and table not in present}
    found = set(tables)
    while more := {table for each in named if each & found for table in each & former} - found:
        found |= more
    return found


def _is_operation(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "op"
    )


def _tables(call: ast.Call) -> Iterator[str]:
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    places = [0] if verb in _FIRST else [1] if verb in _SECOND else [0, 1] if verb == "rename_table" else []
    for place in places:
        argument = call.args[place] if place < len(call.args) else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
    for keyword in call.keywords:
        if keyword.arg in {"table_name", "source_table"} and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)
