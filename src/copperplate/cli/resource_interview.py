"""Interview of `copperplate resource add`: the name, then field by field."""

from collections.abc import Callable, Mapping
from functools import partial

from copperplate.cli.prompts import Prompter
from copperplate.console.output import line, one_line
from copperplate.errors import Cancelled, InputError
from copperplate.resources import checks, field_checks, grammar
from copperplate.resources.definitions import Definition
from copperplate.resources.kinds import RULES, Kind, OnDelete
from copperplate.resources.specification import Target

_DONE, _CANCEL = "+done", "+cancel"  # no type is called so


class ResourceInterview:
    """Interview about one resource."""

    def __init__(self, prompter: Prompter, known: Mapping[str, Target], check: Callable[[Definition], object]) -> None:
        """`known` are the resources that it can refer to; `check` raises `InputError` for what cannot be added."""
        self._prompter = prompter
        self._known = known
        self._check = check

    def ask(self) -> Definition:
        """Raises `Cancelled` when the user gives up."""
        line(("  Ctrl-C cancels. Nothing is written before the end.", "dim"), err=True)
        name = self._named()
        fields: list[str] = []
        while True:
            kind = self._kind(fields)
            if kind is None:
                definition = Definition(name, tuple(fields))
                if self._complaint(partial(self._check, definition)):
                    continue
                return definition
            fields.append(self._field(kind))
            line(("  " + "  ".join(fields), "green"), err=True)

    def _named(self) -> str:
        typed: list[str] = []
        while True:
            name = self._prompter.text("Resource, as a plural", default="", example="orders", typed=typed)
            typed.append(name)
            if not self._complaint(partial(checks.named, name)):
                return name

    def _kind(self, fields: list[str]) -> Kind | None:
        """Return the type of the next field; None if there are enough."""
        choices = [(f"{kind:<10}{RULES[kind].example}", kind.value) for kind in Kind]
        if not self._known:
            choices = [choice for choice in choices if choice[1] != Kind.REFS]
        enough = [("No more fields: add the resource", _DONE)] if fields else []
        asked = "Type of the next field" if fields else "Type of the first field"
        chosen = self._prompter.choose(f"{asked}:", [*enough, *choices, ("Cancel", _CANCEL)], default=None)
        if chosen == _CANCEL:
            raise Cancelled
        return None if chosen == _DONE else Kind(chosen)

    def _field(self, kind: Kind) -> str:
        example = RULES[kind].example.split(":")
        typed: list[str] = []
        while True:
            name = self._prompter.text("Name", default="", example=example[0], typed=typed)
            typed.append(name)
            parts = [name, kind.value, *self._details(kind), *self._flags(kind)]
            written = ":".join(parts)
            if not self._complaint(partial(_check, written)):
                return written

    def _details(self, kind: Kind) -> list[str]:
        """Return what is written after the type."""
        rules = RULES[kind]
        if rules.length:
            return [self._prompter.text("Longest length", default=str(rules.length), example="", typed=())]
        if kind is Kind.DECIMAL:
            return [self._prompter.text("All digits / decimals", default="12/2", example="", typed=())]
        if kind is Kind.ENUM:
            return [self._prompter.text("Values", default="", example="draft/paid/void", typed=())]
        if kind in {Kind.REF, Kind.REFS}:
            names = [(name, name) for name in self._known]
            target = self._prompter.choose("Refers to:", names, default=None) if names else ""
            target = target or self._prompter.text("Refers to", default="", example="customers", typed=())
            fates = [fate for fate in OnDelete if kind is Kind.REF or fate is not OnDelete.SET_NULL]
            fate = self._prompter.choose(
                "When that is removed:", [(each.value, each.value) for each in fates], default=OnDelete.RESTRICT.value
            )
            return [target, fate]
        return []

    def _flags(self, kind: Kind) -> list[str]:
        known = grammar.options_of(kind)
        if not known:
            return []
        chosen = self._prompter.text(f"Options ({', '.join(known)})", default="", example="none", typed=())
        return [part for part in chosen.replace(":", " ").split() if part]

    def _complaint(self, check: Callable[[], object]) -> bool:
        """Run the check; print its error and return True if it refuses."""
        try:
            check()
        except InputError as error:
            line((f"  {one_line(error.what)}: {one_line(error.hint)}.", "red"), err=True)
            return True
        return False


def _check(field: str) -> None:
    field_checks.check_field(grammar.parse(field))
