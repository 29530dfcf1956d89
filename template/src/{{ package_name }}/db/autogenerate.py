"""Autogenerate: it compares our tables with the models, and ignores those of other programs in the database.

A table is ours if a model declares it, or if a migration of ours has created it by an operation of Alembic. So a table
that was removed from the models is still found, and a table of another program, of an extension or of plain SQL is not.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import alembic_postgresql_enum
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.migration import MigrationContext
from alembic.operations.ops import ExecuteSQLOp, MigrationScript
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, ColumnClause, Connection, Enum, MetaData, inspect, literal_column, select
from sqlalchemy.schema import SchemaItem

from .base import NAMING_CONVENTION

Name = tuple[str | None, str]
"""Name of a table: its schema, which is None for the default one, and its own name."""

PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]


def options(metadata: MetaData, scripts: ScriptDirectory, connection: Connection) -> dict[str, Any]:
    """Return the options for `context.configure`."""
    calls = list(_calls(scripts))
    default = connection.dialect.default_schema_name
    tables = {(table.schema, table.name) for table in metadata.tables.values()} | set(_created_tables(calls))
    tables = {(None if schema == default else schema, name) for schema, name in tables}
    schemas = {schema for schema, _ in tables} | {None}
    enums = set(_declared_enums(metadata)) | {_text(call, "name") for call in calls if _verb(call) in {"Enum", "ENUM"}}
    names = {node.value for call in calls for node in ast.walk(call) if isinstance(node, ast.Constant)}

    def include_name(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        if kind == "schema":
            return name in schemas
        return kind != "table" or (parents["schema_name"], name) in tables

    def include_object(item: SchemaItem, name: str | None, kind: str, reflected: bool, model: object) -> bool:  # noqa: FBT001 - as Alembic calls it
        if kind == "table" or not reflected or model is not None or name is None:
            return True
        table = getattr(item, "table").name  # noqa: B009 - a column, an index or a constraint: all have one
        return name in names or name.startswith(tuple(f"{prefix}_{table}_" for prefix in NAMING_CONVENTION))

    alembic_postgresql_enum.set_configuration(
        alembic_postgresql_enum.Config(drop_unused_enums=True, include_name=lambda name: name in enums)
    )
    return {
        "include_schemas": True,
        "include_name": include_name,
        "include_object": include_object,
        "autogenerate_plugins": PLUGINS,
        "compare_server_default": True,
        "process_revision_directives": partial(_create_schemas, {table.schema for table in metadata.tables.values()}),
    }


def _create_schemas(
    wanted: set[str | None], context: MigrationContext, _revision: object, scripts: Iterable[MigrationScript]
) -> None:
    """Add the schemas that are missing: Alembic creates tables in schemas, but not the schemas."""
    assert context.connection is not None
    missing = sorted(filter(None, wanted - set(inspect(context.connection).get_schema_names())))
    created = [ExecuteSQLOp(f'CREATE SCHEMA IF NOT EXISTS "{name}"') for name in missing]
    for script in scripts:
        if script.upgrade_ops:
            script.upgrade_ops.ops[:0] = created


class Postgresql(PostgresqlImpl):
    """Implementation for PostgreSQL. It replaces Alembic's, as the class that is declared last is used."""

    __dialect__ = "postgresql"

    def compare_server_default(
        self,
        inspector_column: Column[Any],
        metadata_column: Column[Any],
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Compare defaults in the database. Alembic gets quotes in strings wrong, and fails for `json`.

        The type `json` has no equality, so it is compared as `jsonb`.
        """
        default = getattr(metadata_column.server_default, "arg", None)
        is_json = isinstance(inspector_column.type, JSON)
        is_quoted = isinstance(default, str) and "'" in default
        if default is None or rendered_inspector_default is None or not (is_json or is_quoted):
            differs: bool = super().compare_server_default(  # type: ignore[no-untyped-call]
                inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default
            )
            return differs
        declared = "'" + default.replace("'", "''") + "'" if isinstance(default, str) else str(default)
        cast = "::jsonb" if is_json else ""
        stored: ColumnClause[Any] = literal_column(f"({rendered_inspector_default}){cast}")
        assert self.connection is not None
        return not self.connection.scalar(select(stored == literal_column(f"({declared}){cast}")))


def _calls(scripts: ScriptDirectory) -> Iterator[ast.Call]:
    for script in scripts.walk_revisions():
        nodes = ast.walk(ast.parse(Path(script.path).read_bytes()))
        yield from (node for node in nodes if isinstance(node, ast.Call))


def _created_tables(calls: list[ast.Call]) -> Iterator[Name]:
    for call in calls:
        match _verb(call), call.args:
            case ("create_table", [ast.Constant(value=str(name)), *_]) | (
                "rename_table",
                [_, ast.Constant(value=str(name)), *_],
            ):
                yield _text(call, "schema"), name


def _verb(call: ast.Call) -> str | None:
    return call.func.attr if isinstance(call.func, ast.Attribute) else None


def _text(call: ast.Call, argument: str) -> str | None:
    values = [keyword.value for keyword in call.keywords if keyword.arg == argument]
    return next((str(value.value) for value in values if isinstance(value, ast.Constant) and value.value), None)


def _declared_enums(metadata: MetaData) -> Iterator[str | None]:
    for table in metadata.tables.values():
        for column in table.columns:
            kind = getattr(column.type, "item_type", column.type)  # of an array
            if isinstance(kind, Enum):
                yield kind.name
