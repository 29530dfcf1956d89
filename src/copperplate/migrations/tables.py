"""Tables that a database revision works on, as the calls of Alembic in it name them."""

import ast
from collections.abc import Collection, Iterator, Sequence

from copperplate.migrations.script import Script

_FIRST = {"create_table", "drop_table", "add_column", "drop_column", "alter_column", "bulk_insert", "batch_alter_table"}
"""Operations whose first argument is the table; of the others with a table, it is the second."""

_SECOND = {
    "create_index",
    "drop_index",
    "create_unique_constraint",
    "create_check_constraint",
    "create_exclude_constraint",
    "create_primary_key",
    "create_foreign_key",
    "drop_constraint",
}


def tables_of(script: Script) -> set[str]:
    """Return the tables that the operations of `script` name; plain SQL is not read."""
    return {name for call in _operations(script) for name in _tables(call)}


def revisions_of(tables: Collection[str], scripts: Sequence[Script]) -> tuple[list[Script], list[Script]]:
    """Return the revisions that work on these tables alone, and those that work on others too."""
    concerned = [(each, tables_of(each)) for each in scripts if tables_of(each) & set(tables)]
    own = [each for each, named in concerned if named <= set(tables)]
    return own, [each for each, named in concerned if not named <= set(tables)]


def with_former(tables: Collection[str], scripts: Sequence[Script], prefix: str, present: Collection[str]) -> set[str]:
    """Return `tables`, and former ones, which a revision names together with them.

    A former table begins with `prefix`, and is not `present` any more.
    """
    named = [tables_of(each) for each in scripts]
    former = {table for each in named for table in each if table.startswith(prefix) and table not in present}
    found = set(tables)
    while more := {table for each in named if each & found for table in each & former} - found:
        found |= more
    return found


def _operations(script: Script) -> Iterator[ast.Call]:
    for node in ast.walk(script.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "op"
        ):
            yield node


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
