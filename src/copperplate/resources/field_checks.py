"""Checks of one field: its name, and options that do not fit its type or each other."""

import re

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources import grammar, naming
from copperplate.resources.specification import INTEGERS, LONGEST_INDEXED, MOST_DIGITS, RULES, Field, Kind, OnDelete

LONGEST_NAME = 30
_NAME = re.compile(r"[a-z](_?[a-z0-9])*")
_VALUE = re.compile(r"[a-z]([_-]?[a-z0-9])*")


def check_field(field: Field) -> None:
    """Refuse a field that is not possible, whatever the other fields are."""
    _check_field_name(field)
    rules = RULES[field.kind]
    options = {
        "list": (field.is_list, rules.listed),
        "unique": (field.unique, rules.unique),
        "index": (field.index, rules.index),
        "null": (field.null, rules.null),
        "default": (field.default is not None, rules.default),
        "min": (field.minimum is not None, rules.limits),
        "max": (field.maximum is not None, rules.limits and field.kind is not Kind.DECIMAL),
    }
    for name, (is_given, is_allowed) in options.items():
        if is_given and not is_allowed:
            known = ", ".join(grammar.options_of(field.kind)) or "none"
            raise InputError(
                f"the {field.kind} {field.name} has the option {name}, which a {field.kind} does not have",
                f"its options are: {known}",
            )
    given = [name for name, (is_given, _) in options.items() if is_given]
    for one, other in (("unique", "index"), ("unique", "default"), ("null", "default"), ("unique", "max")):
        if one in given and other in given:
            raise InputError(f"the field {field.name} is both {one} and {other}", _WHY[one, other])
    if field.is_list and (extra := [name for name in given if name not in {"list", "null"}]):
        raise InputError(f"the list {field.name} has the option {extra[0]}", "a list can only be null, or not")
    _CHECKS.get(field.kind, _check_nothing)(field)
    _check_limits(field)


_WHY = {
    ("unique", "index"): "leave out index: what is unique has one",
    ("unique", "default"): "leave out default: a second row with it would be refused",
    ("null", "default"): "leave out one of them: a field with a default always has a value",
    ("unique", "max"): "leave out max: there would be too few values",
}


def refuse_form(name: str, what: str, longest: int) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r:.60} cannot be the name of a {what}",
            "use lower-case letters, digits and single underscores, a letter first, such as order_lines",
        )
    if len(name) > longest:
        raise InputError(f"{name!r:.60} has {len(name)} characters", f"a {what} has at most {longest}")
    if name in naming.KEYWORDS:
        raise InputError(f"{name} is a keyword of Python", "choose another name")


def _check_field_name(field: Field) -> None:
    refuse_form(field.name, "field", LONGEST_NAME)
    name = field.column
    if field.kind in {Kind.REF, Kind.REFS} and field.name.endswith(("_id", "_ids")):
        raise InputError(
            f"the {field.kind} {field.name} ends as its column will by itself",
            f"leave that out: {field.name.rpartition('_')[0]}:{field.kind}:{field.to}",
        )
    if name in naming.RESERVED_FIELDS or name.startswith("model_"):
        raise InputError(
            f"{name} cannot be the name of a field: {_reason(name)}", f"choose another, such as {field.name}_value"
        )
    if name in naming.RESERVED_SUFFIXES:
        raise InputError(
            f"{name} cannot be the name of a field: a class of the resource is called so",
            f"choose another, such as {name}_value",
        )


def _reason(name: str) -> str:
    if name in naming.COLUMNS:
        return "every resource has it by itself"
    if name in naming.OWNER:
        return "it says which user a row belongs to"
    if name in naming.KEYWORDS:
        return "it is a keyword of Python"
    if name in naming.SQL_WORDS:
        return "it is a reserved word of SQL"
    if name in naming.QUERY_PARAMETERS:
        return "lists have a parameter of that name"
    return "Python, Pydantic or SQLAlchemy use it"


def _check_nothing(field: Field) -> None:
    del field


def _check_length(field: Field) -> None:
    longest = RULES[field.kind].longest
    if not 1 <= (field.length or 0) <= longest:
        raise InputError(f"the {field.kind} {field.name} has the length {field.length}", f"it can be 1 to {longest}")
    if (field.unique or field.index) and (field.length or 0) > LONGEST_INDEXED:
        raise InputError(
            f"the field {field.name} has an index and {field.length} characters",
            f"an index takes at most {LONGEST_INDEXED}: {field.name}:{field.kind}:{LONGEST_INDEXED}",
        )
    if field.default is not None:
        text = str(field.default)
        if not 1 <= len(text) <= (field.length or 0) or not text.strip() or not text.isprintable():
            raise InputError(
                f"default of the {field.kind} {field.name} is {text!r:.40}",
                f"write 1 to {field.length} printable characters, on one line",
            )


def _check_digits(field: Field) -> None:
    digits, decimals = field.digits or 0, field.decimals or 0
    if not (1 <= digits <= MOST_DIGITS and 0 <= decimals < digits):
        raise InputError(
            f"the decimal {field.name} has {digits} digits and {decimals} decimals",
            f"it has 1 to {MOST_DIGITS} digits, of which fewer stand behind the point: {field.name}:decimal:12/2",
        )
    if field.minimum is not None and field.minimum != 0:
        raise InputError(
            f"min of the decimal {field.name} is {field.minimum}",
            "it can only be 0; a larger number is limited by the count of its digits",
        )
    if field.default is not None:
        sign, _, number = str(field.default).rpartition("-")
        whole, _, fraction = number.partition(".")
        if sign or len(whole) > digits - decimals or len(fraction) > decimals or not whole.isdigit():
            raise InputError(
                f"default of the decimal {field.name} is {field.default}",
                f"write a number of at most {digits - decimals} digits before and {decimals} behind the point",
            )


def _check_values(field: Field) -> None:
    odd = [value for value in field.values if not _VALUE.fullmatch(value) or len(value) > LONGEST_NAME]
    if odd or len(set(field.values)) < 2:  # noqa: PLR2004 - one value is no choice
        what = f"the value {odd[0]!r:.40}" if odd else "fewer than two values"
        raise InputError(
            f"the enum {field.name} has {what}",
            f"write two or more words of lower-case letters, digits, _ and -: {field.name}:enum:draft/paid",
        )
    members = [value.replace("-", "_") for value in field.values]
    if len(set(members)) < len(members):
        raise InputError(f"the enum {field.name} has a value twice", "write each value once")
    if field.default is not None and field.default not in field.values:
        raise InputError(
            f"default of the enum {field.name} is {field.default!r:.40}",
            suggestion(str(field.default), field.values),
        )


def _check_reference(field: Field) -> None:
    if field.on_delete is OnDelete.SET_NULL and not field.null:
        raise InputError(
            f"the {field.kind} {field.name} is emptied by set-null, and cannot be empty",
            f"add null, or take {OnDelete.RESTRICT} or {OnDelete.CASCADE}",
        )


def _check_limits(field: Field) -> None:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low >= high:
        raise InputError(f"min of the field {field.name} is {low}, and max is {high}", "min is less than max")
    if field.kind in INTEGERS:
        beyond = INTEGERS[field.kind]
        for name, value in (("min", low), ("max", high), ("default", field.default)):
            if isinstance(value, int) and not -beyond < value < beyond:
                raise InputError(
                    f"{name} of the {field.kind} {field.name} is {value}", f"it can be {1 - beyond} to {beyond - 1}"
                )
    if isinstance(field.default, int | float) and not isinstance(field.default, bool):
        value = field.default
        is_within = (low is None or value >= low) and (high is None or value <= high)
        if not is_within:
            raise InputError(
                f"default of the field {field.name} is {value}, which its limits refuse",
                "write a number within min and max",
            )


_CHECKS = {
    Kind.STR: _check_length,
    Kind.TEXT: _check_length,
    Kind.DECIMAL: _check_digits,
    Kind.ENUM: _check_values,
    Kind.REF: _check_reference,
    Kind.REFS: _check_reference,
}
