"""Random requests about resources: new ones, and changes of those that there are."""

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from copperplate.errors import InputError
from copperplate.resources import grammar, revised
from copperplate.resources.definitions import Definition
from copperplate.resources.revised import Wish
from copperplate.resources.specification import Field, Kind, OnDelete, Resource, Scope
from testing.resources import covering

NAMES = ("customers", "orders", "tags", "order_lines", "countries", "people", "shelves", "boxes", "invoices", "notices")
_PLAIN = tuple(covering.plain())
_ENUMS = ("on", "off-line", "idle", "asleep")


class Requests:
    def __init__(self, numbers: random.Random) -> None:
        self._numbers = numbers
        self._count = 0

    def new(self, known: Mapping[str, Resource]) -> Definition | None:
        """Return a resource that the project does not have; None if it has all of them."""
        left = [name for name in NAMES if name not in known]
        if not left:
            return None
        name = self._numbers.choice(left)
        fields = [self.field() for _ in range(self._numbers.randint(1, 5))]
        fields += [self.reference(name, known) for _ in range(self._numbers.randint(0, 2))]
        only = ("list", "read", "create") if self._chance(0.1) else ()
        return Definition(name, tuple(fields), only=only)

    def change(self, resource: Resource, known: Mapping[str, Resource]) -> Wish:
        """Return a change, mostly one that is not refused."""
        targets = {name: each.target for name, each in known.items()}
        for _ in range(self._numbers.choice([1, 12, 12, 12])):
            wish = self._wish(resource, known)
            with suppress(InputError):
                revised.revise(
                    resource, wish, targets, [each for each in known.values() if resource.name in each.references]
                )
                break
        return wish

    def _wish(self, resource: Resource, known: Mapping[str, Resource]) -> Wish:
        fields, drops, renames = list[str](), list[str](), list[str]()
        left = list(resource.fields)
        for _ in range(self._numbers.randint(1, 3)):
            verb = self._numbers.choice(["add", "add", "refer", "drop", "rename", "edit", "edit"])
            if verb == "add":
                fields.append(self.field())
            elif verb == "refer":
                fields.append(self.reference(resource.name, known))
            elif left:
                field = left.pop(self._numbers.randrange(len(left)))
                if verb == "drop":
                    drops.append(field.name)
                elif verb == "rename":
                    renames.append(f"{field.name}:{self._name(field.kind)}")
                else:
                    fields.append(grammar.format_field(self._edited(field)))
        scope = self._numbers.choice([*Scope]).value if resource.scope and self._chance(0.15) else None
        only = self._numbers.choice(covering.SETS) if self._chance(0.15) else ()
        if (scope or only) and self._chance(0.5):
            return Wish(lossy=self._chance(0.8), scope=scope, only=only)
        wish = Wish(tuple(fields), tuple(drops), tuple(renames), scope=scope, only=only)
        return replace(wish, lossy=self._chance(0.8) and not self._is_unfilled(resource, wish, known))

    @staticmethod
    def _is_unfilled(resource: Resource, wish: Wish, known: Mapping[str, Resource]) -> bool:
        """True if rows would have no value for a field that is required: with `--lossy`, the migration would fail."""
        targets = {name: each.target for name, each in known.items()}
        with suppress(InputError):
            return bool(revised.revise(resource, replace(wish, lossy=True), targets).unfilled)
        return False

    def field(self) -> str:
        _, _, rest = self._numbers.choice(_PLAIN).partition(":")
        return f"{self._name(rest.partition(':')[0])}:{rest}"

    def reference(self, name: str, known: Mapping[str, Resource]) -> str:
        kind = self._numbers.choice([Kind.REF, Kind.REF, Kind.REFS])
        to = self._numbers.choice([*known, name])
        fate = self._numbers.choice([*OnDelete] if kind is Kind.REF else [OnDelete.RESTRICT, OnDelete.CASCADE])
        is_null = kind is Kind.REF and (fate is OnDelete.SET_NULL or to == name or self._chance(0.5))
        return f"{self._name(kind)}:{kind}:{to}:{fate}{':null' if is_null else ''}"

    def _edited(self, field: Field) -> Field:
        if field.kind is Kind.ENUM:
            more = [value for value in _ENUMS if value not in field.values]
            return replace(field, values=(*field.values, *more[:1]) if more else field.values[:2])
        if field.length and self._chance(0.5):
            return replace(field, length=self._numbers.choice([20, 40, 60, 80]))
        if field.kind is Kind.DECIMAL and self._chance(0.5):
            return replace(field, digits=self._numbers.choice([10, 14]))
        if field.kind is Kind.INT and not field.is_list and self._chance(0.3):
            return replace(field, kind=self._numbers.choice([Kind.BIGINT, Kind.FLOAT]))
        changes = [
            {"null": not field.null},
            {"index": not field.index},
            {"unique": not field.unique},
            {"minimum": 0 if field.minimum is None else None},
            {"default": None, "null": True},
        ]
        return replace(field, **self._numbers.choice(changes))  # type: ignore[arg-type]  # of several types

    def _name(self, kind: str) -> str:
        self._count += 1
        if kind == Kind.REFS:
            return f"{self._numbers.choice(['marks', 'links', 'members'])}{self._count}s"
        return f"{kind}_{self._count}"

    def _chance(self, share: float) -> bool:
        return self._numbers.random() < share
