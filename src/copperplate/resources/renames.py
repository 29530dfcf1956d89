"""Renames of `refs` fields in PostgreSQL: their tables, columns, constraints and indexes."""

from dataclasses import dataclass

from copperplate.resources.kinds import OnDelete, Scope
from copperplate.resources.specification import Field, Resource


@dataclass(frozen=True, slots=True)
class LinkRename:
    """Rename of the table that links rows of a resource to others; each pair is an old and a new name."""

    table: tuple[str, str]
    column: tuple[str, str]
    constraints: tuple[tuple[str, str], ...]
    indexes: tuple[tuple[str, str], ...]


def link_rename(resource: Resource, old: Field, new: Field) -> LinkRename:
    """Return what changes in PostgreSQL when the field `old` of the resource is called as `new`."""
    to = resource.target if new.to == resource.name else resource.targets[str(new.to)]
    both = [(f"{resource.singular}_{field.name}", f"{field.column.removesuffix('_ids')}_id") for field in (old, new)]
    tables, columns = tuple(table for table, _ in both), tuple(column for _, column in both)
    constraints = [
        [f"pk_{table}", f"fk_{table}_{resource.singular}_id_{resource.table}", f"fk_{table}_{column}_{to.table}"]
        for table, column in both
    ]
    indexes = [[f"ix_{table}_{column}"] for table, column in both]
    if resource.scope is Scope.OWNER and to.scope is Scope.OWNER and new.on_delete is OnDelete.RESTRICT:
        for number, (table, _) in enumerate(both):
            constraints[number].append(f"fk_{table}_owner_id_users")
            indexes[number].append(f"ix_{table}_owner_id")
    return LinkRename(
        table=(tables[0], tables[1]),
        column=(columns[0], columns[1]),
        constraints=tuple(zip(*constraints, strict=True)),
        indexes=tuple(zip(*indexes, strict=True)),
    )
