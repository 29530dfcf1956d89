"""Owners of rows in a project: users, organisations, or everybody, and the scopes of resources when these change."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copperplate.errors import InputError, RefusedError
from copperplate.questions.manifest import Value
from copperplate.questions.validation import suggestion
from copperplate.resources import checks
from copperplate.resources.specification import OWNED, Resource, Scope

UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ADDRESS = re.compile(r"[^\s@\\%:\x00-\x1f]+@[^\s@\\%:\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Owners:
    """Owners that rows can have in a project."""

    accounts: bool = False
    organisations: bool = False

    @classmethod
    def of(cls, answers: Mapping[str, Value]) -> "Owners":
        return cls(answers.get("auth", "none") != "none", answers.get("tenancy", "none") == "organisation")

    @property
    def default(self) -> Scope | None:
        """The scope of a resource for which none is named; None in a project without accounts."""
        if not self.accounts:
            return None
        return Scope.ORGANISATION if self.organisations else Scope.OWNER


ACCOUNTS = Owners(accounts=True)
NOBODY = Owners()
"""Owners in a project without accounts: rows are anybody's."""


def scope(name: str, given: str | None, owners: Owners) -> Scope | None:
    """Return the scope of a resource. Rows belong to organisations, or to users, wherever there are any."""
    if given is not None and given not in list(Scope):
        raise InputError(f"the scope of {name} is {given!r:.40}", suggestion(given, list(Scope)))
    if given == Scope.ORGANISATION and not owners.organisations:
        raise InputError(
            f"rows of {name} cannot belong to organisations: this project has none",
            "leave out the scope; or add organisations first: copperplate add tenancy=organisation",
        )
    if owners.accounts:
        return Scope(given) if given else owners.default
    if given == Scope.OWNER:
        raise InputError(
            f"rows of {name} cannot have an owner: this project has no accounts",
            "leave out the scope; or add accounts first: copperplate add auth=session",
        )
    return None


def carried_over(known: Mapping[str, Resource], before: Owners, after: Owners) -> dict[str, Resource]:
    """Return the resources as they are when a project has the owners `after`, by name.

    With the first accounts, rows that anybody could read and change become rows of everybody; without accounts, rows of
    everybody have no scope. Raises `RefusedError` if rows would lose their owners.
    """
    _refuse_lost_owners(known, before, after)
    if before.accounts == after.accounts:
        return dict(known)
    old, new = (None, Scope.NONE) if after.accounts else (Scope.NONE, None)
    scopes = {name: new if resource.scope is old else resource.scope for name, resource in known.items()}
    return {name: _with_scopes(resource, scopes) for name, resource in known.items()}


def placeholder(scope: Scope | None) -> str:
    """Return the form of the owner whom existing rows can be given."""
    return "ORGANISATION_ID" if scope is Scope.ORGANISATION else "EMAIL"


def come(before: Resource, after: Resource) -> bool:
    """True if rows of everybody get owners."""
    return before.scope not in OWNED and after.scope in OWNED


def losses(before: Resource, after: Resource, rows_to: str | None) -> Iterable[str]:
    """Return sentences about the owners of rows that a change loses; refused if they cannot be converted.

    Existing rows are given to `rows_to`.
    """
    if rows_to is not None:
        _refuse_owner(before, after, rows_to)
    if before.scope is after.scope:
        return
    if before.scope in OWNED and after.scope in OWNED:
        names = {Scope.OWNER: "users", Scope.ORGANISATION: "organisations"}
        raise InputError(
            f"rows of {before.name} belong to {names[before.scope]}, which cannot be converted to {names[after.scope]}",
            f"in two steps, their owners are lost: --scope none --lossy, and then --scope {after.scope} --lossy",
        )
    if before.scope in OWNED:
        yield f"rows of {before.name} lose their owners, and all users see them"
        if unique := [field.name for field in after.fields if field.unique]:
            yield f"the revision is refused by a database in which two of them have the same {' or '.join(unique)}"
    elif after.scope in OWNED and rows_to is None:
        yield f"rows of {before.name} that exist have no owner, so no user sees them"


def _refuse_owner(before: Resource, after: Resource, rows_to: str) -> None:
    if not come(before, after):
        raise InputError(
            f"rows of {before.name} get no owners by this change, so none is given to {rows_to!r:.60}",
            "leave out --rows-to; or name a scope with owners: --scope owner",
        )
    if not (UUID.fullmatch(rows_to) or (after.scope is Scope.OWNER and _ADDRESS.fullmatch(rows_to))):
        what = "the address or the id of a user" if after.scope is Scope.OWNER else "the id of an organisation"
        raise InputError(f"{rows_to!r:.60} is not {what}", f"write --rows-to {placeholder(after.scope)}")


def become_shared(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> list[str]:
    """Return the resources whose rows become everybody's: each before those that it refers to.

    In this order, their rows can be given owners.
    """
    found = [after[name] for name in before if before[name].scope is None and after[name].scope is Scope.NONE]
    return [resource.name for resource in reversed(_in_order(found))]


def _with_scopes(resource: Resource, scopes: Mapping[str, Scope | None]) -> Resource:
    targets = {name: replace(target, scope=scopes.get(name, target.scope)) for name, target in resource.targets.items()}
    return replace(resource, scope=scopes[resource.name], targets=targets)


def _refuse_lost_owners(known: Mapping[str, Resource], before: Owners, after: Owners) -> None:
    gone = set[Scope]()
    if before.organisations and not after.organisations:
        gone.add(Scope.ORGANISATION)
    if before.accounts and not after.accounts:
        gone |= OWNED
    losing = [resource.name for resource in _in_order(known.values()) if resource.scope in gone]
    if not losing:
        return
    whose = "organisations" if all(known[name].scope is Scope.ORGANISATION for name in losing) else "users"
    raise RefusedError(
        f"rows of {', '.join(losing)} belong to {whose}, which the project would not have any more",
        f"make them rows of everybody first: copperplate resource change {losing[0]} --scope none --lossy"
        + (f"; then the same for {', '.join(losing[1:])}" if losing[1:] else ""),
    )


def _in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Return each after those that it refers to; in any order, if they refer to each other in a circle."""
    resources = list(resources)
    try:
        return checks.in_order(resources)
    except InputError:
        return resources
