"""Program that runs on the project's own Python: it writes a database revision for changed models, and tries it.

python in_project.py PROJECT REQUEST.json

The database in `DATABASE_URL` is empty. It is migrated to the head, gets rows, and is compared with the models. Then
the new revision is applied, compared, undone and applied again. Its path and id replace the request, unless the
database needs no change.
"""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import renderers
from alembic.config import Config
from alembic.operations.ops import (
    AddColumnOp,
    AlterColumnOp,
    DropColumnOp,
    ExecuteSQLOp,
    ModifyTableOps,
)
from alembic_postgresql_enum.operations import AddEnumValuesOp, CreateEnumOp, DropEnumOp, SyncEnumValuesOp
from sqlalchemy import Connection, MetaData, Table, delete, insert, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import Column


class RenameColumnOp:
    def __init__(self, table: str, old: str, new: str) -> None:
        self.table, self.old, self.new = table, old, new


@renderers.dispatch_for(RenameColumnOp)  # type: ignore[untyped-decorator]
def _render(_context: object, op: RenameColumnOp) -> str:
    return f"op.alter_column({op.table!r}, {op.old!r}, new_column_name={op.new!r})"


class RenameTableOp:
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new


@renderers.dispatch_for(RenameTableOp)  # type: ignore[untyped-decorator]
def _render_table(_context: object, op: RenameTableOp) -> str:
    return f"op.rename_table({op.old!r}, {op.new!r})"


class SplitSQLOp:
    """SQL in parts, each on a line of its own where they are too long together."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts


@renderers.dispatch_for(SplitSQLOp)  # type: ignore[untyped-decorator]
def _render_sql(_context: object, op: SplitSQLOp) -> str:
    return f"op.execute({' '.join(map(repr, op.parts))})"


def _python(column: Column[Any]) -> type:
    try:
        kind: type = column.type.python_type
    except NotImplementedError:
        return str
    return kind


def _ordered(ops: ModifyTableOps, renames: dict[str, str], fills: dict[str, str]) -> None:
    """Put renames first, as indexes of the new column follow; give rows a value where a column requires one."""
    found: list[Any] = [RenameColumnOp(ops.table_name, old, new) for old, new in renames.items()]
    for op in ops.ops:
        if isinstance(op, AddColumnOp) and op.column.name in renames.values():
            continue
        if isinstance(op, DropColumnOp) and op.column_name in renames:
            continue
        found += _filled(ops.table_name, op, fills)
    ops.ops[:] = found


def _renamed(ops: list[Any], types: dict[str, str], links: list[dict[str, Any]]) -> list[Any]:
    """Return the operations with renames in place of those that drop a type or a table, and create another one."""
    tables = {name for link in links for name in link["table"]}
    names = {*types, *types.values()}
    found: list[Any] = [ExecuteSQLOp(f"ALTER TYPE {old} RENAME TO {new}") for old, new in types.items()]
    for link in links:
        table = link["table"][1]
        found += [RenameTableOp(*link["table"]), RenameColumnOp(table, *link["column"])]
        found += [
            SplitSQLOp(f'ALTER TABLE "{table}" ', f'RENAME CONSTRAINT "{old}" ', f'TO "{new}"')
            for old, new in link["constraints"]
        ]
        found += [SplitSQLOp(f'ALTER INDEX "{old}" ', f'RENAME TO "{new}"') for old, new in link["indexes"]]
    for op in ops:
        is_type = isinstance(op, CreateEnumOp | DropEnumOp) and op.name in names
        if not is_type and getattr(op, "table_name", None) not in tables:
            found.append(op)
    return found


def _back(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the renames that undo these."""
    return [
        {"table": link["table"][::-1], "column": link["column"][::-1]}
        | {kind: [pair[::-1] for pair in link[kind]] for kind in ("constraints", "indexes")}
        for link in links
    ]


def _refuse_other_drops(ops: list[Any], asked: dict[str, Any]) -> None:
    """Refuse to drop a column that the change does not drop: its line is in a conflict, or the user has deleted it."""
    for each in ops:
        for op in each.ops if isinstance(each, ModifyTableOps) and each.table_name == asked["table"] else ():
            if isinstance(op, DropColumnOp) and op.column_name not in asked["drops"]:
                raise SystemExit(f"MissingColumnError: the models have no {op.column_name} any more, with its values")


def _filled(table: str, op: Any, fills: dict[str, str]) -> list[Any]:  # noqa: ANN401 - any operation
    if isinstance(op, AddColumnOp) and not op.column.nullable and op.column.server_default is None:
        column = op.column
        if column.name not in fills:
            return [op]
        filled = Column(column.name, column.type, nullable=False, server_default=text(fills[column.name]))
        done = AlterColumnOp(
            table, column.name, modify_server_default=None, existing_type=column.type, existing_nullable=False
        )
        return [AddColumnOp(table, filled), done]
    if isinstance(op, AlterColumnOp) and op.modify_nullable is False and op.column_name in fills:
        name = op.column_name
        fill = f'UPDATE "{table}" SET "{name}" = {fills[name]} WHERE "{name}" IS NULL'  # noqa: S608 - names and literals that were checked
        return [ExecuteSQLOp(fill), op]
    return [op]


def _plain(op: Any) -> list[Any]:  # noqa: ANN401 - any operation
    """Write changes of an enum in SQL, as type checkers do not know the operations of `alembic_postgresql_enum`."""
    if isinstance(op, AddEnumValuesOp):
        return [ExecuteSQLOp(f"ALTER TYPE {op.name} ADD VALUE {value}") for value in _added(op)]
    if not isinstance(op, SyncEnumValuesOp):
        return [op]
    values = ", ".join(f"'{value}'" for value in op.new_values)
    columns = [(column.table_name, column.column_name) for column in op.affected_columns]
    statements = [
        f"ALTER TYPE {op.name} RENAME TO {op.name}_old",
        f"CREATE TYPE {op.name} AS ENUM ({values})",
        *(
            f'ALTER TABLE "{table}" ALTER COLUMN "{name}" TYPE {op.name} USING "{name}"::text::{op.name}'
            for table, name in columns
        ),
        f"DROP TYPE {op.name}_old",
    ]
    return [ExecuteSQLOp(statement) for statement in statements]


def _added(op: Any) -> Iterator[str]:  # noqa: ANN401 - of `alembic_postgresql_enum`
    """Yield the new values, each with its place before an old one."""
    for number, value in enumerate(op.new_values):
        if value not in op.old_values:
            later = [other for other in op.new_values[number:] if other in op.old_values]
            yield f"'{value}' BEFORE '{later[0]}'" if later else f"'{value}'"


async def _connected(action: Any) -> Any:  # noqa: ANN401 - a function of this file
    engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(action)
    finally:
        await engine.dispose()


def _fill(connection: Connection, table: str, values: dict[str, dict[str, Any]]) -> None:
    """Insert one row into the table, and into those that it requires."""
    known = MetaData()
    known.reflect(connection)
    needed = _needed(known.tables[table])
    for each in known.sorted_tables:
        if each in needed:
            connection.execute(insert(each).values(_row(each, values.get(each.name, {}), whole=each.name == table)))


def _needed(table: Table) -> set[Table]:
    found, left = set[Table](), [table]
    while left:
        each = left.pop()
        found.add(each)
        keys = (key for column in each.columns if not column.nullable for key in column.foreign_keys)
        left += [key.column.table for key in keys if key.column.table not in found]
    return found


def _row(table: Table, given: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        key = next(iter(column.foreign_keys), None)
        if column.nullable and (key or not whole):
            continue
        if key:
            row[column.name] = uuid.uuid5(uuid.NAMESPACE_DNS, key.column.table.name)
        elif column.primary_key and _python(column) is uuid.UUID:
            row[column.name] = uuid.uuid5(uuid.NAMESPACE_DNS, table.name)
        elif column.server_default is None:
            row[column.name] = _value(column, given.get(column.name))
    return row


def _value(column: Column[Any], given: Any) -> Any:  # noqa: ANN401 - of any type
    enums = getattr(column.type, "enums", None)
    if given is not None or enums:
        kind = _python(column)
        return given or (enums or [None])[0] if enums or kind is str else kind(given)
    made: dict[type, Any] = {
        bool: True,
        date: date(2000, 1, 1),
        datetime: datetime(2000, 1, 1, tzinfo=UTC),
        time: time(9),
        timedelta: timedelta(hours=1),
        uuid.UUID: uuid.uuid5(uuid.NAMESPACE_DNS, "value"),
        dict: {},
        object: {},  # JSONB, as it is read from the database
        list: [],
        str: "a",
    }
    kind = _python(column)
    return made[kind] if kind in made else kind(1)


def main(project: str, request: str) -> None:
    asked = json.loads(Path(request).read_text(encoding="utf-8"))
    os.chdir(project)
    config = Config(toml_file=str(Path(project) / "pyproject.toml"))
    command.upgrade(config, "head")
    if asked["rows"]:
        asyncio.run(_connected(lambda connection: _fill(connection, asked["table"], asked["values"])))

    def rewrite(_context: object, _revision: object, scripts: list[Any]) -> None:
        script = scripts[0]
        _refuse_other_drops(script.upgrade_ops.ops, asked)
        if script.upgrade_ops.is_empty():
            scripts.clear()
            return
        back, types = ({new: old for old, new in asked[name].items()} for name in ("renames", "types"))
        for ops, renames, fills in (
            (script.upgrade_ops, asked["renames"], asked["fills"]),
            (script.downgrade_ops, back, asked["returns"]),
        ):
            for each in ops.ops:
                if isinstance(each, ModifyTableOps) and each.table_name == asked["table"]:
                    _ordered(each, renames, fills)
            ops.ops[:] = [plain for each in ops.ops for plain in _plain(each)]
        script.upgrade_ops.ops[:] = _renamed(script.upgrade_ops.ops, asked["types"], asked["links"])
        script.upgrade_ops.ops += [SplitSQLOp(*parts) for parts in asked["gives"]]
        script.downgrade_ops.ops[:] = _renamed(script.downgrade_ops.ops, types, _back(asked["links"]))

    written: Any = command.revision(config, asked["message"], autogenerate=True, process_revision_directives=rewrite)
    if not written:
        return
    file = Path(written.path)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.strip().startswith("# ###")), encoding="utf-8")
    command.upgrade(config, "head")
    command.check(config)
    if not asked["rows_come_back"]:
        asyncio.run(_connected(lambda connection: _empty(connection, asked["table"])))
    command.downgrade(config, "-1")
    command.upgrade(config, "head")
    command.check(config)
    Path(request).write_text(json.dumps({"path": written.path, "revision": written.revision}), encoding="utf-8")


def _empty(connection: Connection, table: str) -> None:
    known = MetaData()
    known.reflect(connection, only=[table])
    connection.execute(delete(known.tables[table]))


if __name__ == "__main__":
    main(*sys.argv[1:])
