"""The grammar of fields, `name:type:options`, in characters that no shell reads.

    number:str:20:unique  total:decimal:12/2:min=0  status:enum:draft/paid/void:default=draft
    note:text:null  placed_at:datetime:index  customer:ref:customers:restrict  tags:str:list

What a type takes stands behind it: a length, digits and decimals, values, or a resource and what happens on its
removal. Then come `list`, `unique`, `index`, `null`, `default=`, `min=` and `max=`, in any order. Commas do as well as
slashes, except in PowerShell, which reads them.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources.specification import DECIMALS, DIGITS, INTEGERS, RULES, Field, Kind, OnDelete, Scalar

FLAGS = ("list", "unique", "index", "null")
SETTINGS = ("default", "min", "max")
SYNONYMS = {
    "string": "str",
    "varchar": "str",
    "char": "str",
    "integer": "int",
    "number": "int",
    "long": "bigint",
    "biginteger": "bigint",
    "numeric": "decimal",
    "money": "decimal",
    "double": "float",
    "real": "float",
    "boolean": "bool",
    "timestamp": "datetime",
    "timestamptz": "datetime",
    "interval": "duration",
    "timedelta": "duration",
    "guid": "uuid",
    "jsonb": "json",
    "object": "json",
    "dict": "json",
    "mail": "email",
    "link": "url",
    "uri": "url",
    "choice": "enum",
    "references": "ref",
    "belongs_to": "ref",
    "foreignkey": "ref",
    "has_many": "refs",
    "many_to_many": "refs",
    "array": "list",
    "nullable": "null",
    "optional": "null",
    "indexed": "index",
}
_NAME = re.compile(r"[a-z](_?[a-z0-9])*")
_COUNT = re.compile(r"[0-9]{1,7}")
_SEPARATOR = re.compile(r"[,/]")
_SAFE = re.compile(r"[A-Za-z0-9_.+@=/-]*")


def parse(text: str) -> Field:
    """Return the field that `text` describes; raises `InputError`, with what to write, if it is none."""
    name, colon, rest = text.partition(":")
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{text!r:.80} does not begin with the name of a field",
            "a name has lower-case letters, digits and single underscores, a letter first, such as placed_at:datetime",
        )
    words = rest.split(":")
    if not colon or not words[0]:
        raise InputError(f"the field {name} has no type", f"write {name}:str, or another of: {_types()}")
    try:
        kind = Kind(words[0])
    except ValueError:
        raise InputError(
            f"the field {name} has the type {words[0]!r:.40}, which there is not",
            suggestion(words[0], list(Kind), SYNONYMS),
        ) from None
    parts = words[1:]
    taken = _POSITIONAL.get(kind, _take_nothing)
    return _with_options(*taken(Field(name, kind), parts))


def format_field(field: Field) -> str:
    """Return the text that `parse` reads as `field`."""
    parts = [field.name, field.kind.value]
    if field.length and field.length != RULES[field.kind].length:
        parts.append(str(field.length))
    if field.kind is Kind.DECIMAL:
        parts.append(f"{field.digits}/{field.decimals}")
    if field.values:
        parts.append("/".join(field.values))
    if field.to:
        parts.append(field.to)
    if field.on_delete and field.on_delete is not OnDelete.RESTRICT:
        parts.append(field.on_delete.value)
    flags = {"list": field.is_list, "unique": field.unique, "index": field.index, "null": field.null}
    parts += [name for name, is_on in flags.items() if is_on]
    settings = {"default": field.default, "min": field.minimum, "max": field.maximum}
    parts += [f"{name}={_written(value)}" for name, value in settings.items() if value is not None]
    return ":".join(parts)


def is_safe(text: str) -> bool:
    """True if none of its characters has a meaning for a shell."""
    return all(_SAFE.fullmatch(part) for part in text.split(":"))


def options_of(kind: Kind) -> tuple[str, ...]:
    """Return the options that a field of this type can have."""
    rules = RULES[kind]
    flags = {"list": rules.listed, "unique": rules.unique, "index": rules.index, "null": rules.null}
    settings = {"default=": rules.default, "min=": rules.limits, "max=": rules.limits and kind is not Kind.DECIMAL}
    return tuple(name for name, is_on in (flags | settings).items() if is_on)


def _types() -> str:
    return ", ".join(Kind)


_Taken = tuple[Field, Sequence[str]]


def _take_nothing(field: Field, parts: Sequence[str]) -> _Taken:
    return field, parts


def _take_length(field: Field, parts: Sequence[str]) -> _Taken:
    if parts and _COUNT.fullmatch(parts[0]):
        return replace(field, length=int(parts[0])), parts[1:]
    return replace(field, length=RULES[field.kind].length), parts


def _take_digits(field: Field, parts: Sequence[str]) -> _Taken:
    if not parts or not parts[0][:1].isdigit():
        return replace(field, digits=DIGITS, decimals=DECIMALS), parts
    numbers = _SEPARATOR.split(parts[0])
    if len(numbers) > 2 or not all(_COUNT.fullmatch(number) for number in numbers):  # noqa: PLR2004 - digits, decimals
        raise InputError(
            f"the decimal {field.name} has {parts[0]!r:.40} for its digits",
            f"write all digits and those behind the point: {field.name}:decimal:12/2",
        )
    return replace(field, digits=int(numbers[0]), decimals=int(numbers[1]) if numbers[1:] else 0), parts[1:]


def _take_values(field: Field, parts: Sequence[str]) -> _Taken:
    if not parts or not parts[0]:
        raise InputError(f"the enum {field.name} has no values", f"write them: {field.name}:enum:draft/paid/void")
    return replace(field, values=tuple(_SEPARATOR.split(parts[0]))), parts[1:]


def _take_target(field: Field, parts: Sequence[str]) -> _Taken:
    if not parts or not parts[0]:
        raise InputError(
            f"the {field.kind} {field.name} does not say which resource it refers to",
            f"write its plural: {field.name}:{field.kind}:customers",
        )
    field = replace(field, to=parts[0], on_delete=OnDelete.RESTRICT)
    if parts[1:] and parts[1] in set(OnDelete):
        return replace(field, on_delete=OnDelete(parts[1])), parts[2:]
    return field, parts[1:]


_POSITIONAL: dict[Kind, Callable[[Field, Sequence[str]], _Taken]] = {
    Kind.STR: _take_length,
    Kind.TEXT: _take_length,
    Kind.DECIMAL: _take_digits,
    Kind.ENUM: _take_values,
    Kind.REF: _take_target,
    Kind.REFS: _take_target,
}


def _with_options(field: Field, parts: Iterable[str]) -> Field:
    found: dict[str, Any] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if name in found or (name == "list" and field.is_list):
            raise InputError(f"the field {field.name} has {name} twice", "write it once")
        if name in SETTINGS and equals:
            found[name] = _value(field, name, value)
        elif part in FLAGS:
            found[name] = True
        else:
            raise _unknown_option(field, part)
    renamed = {"list": "is_list", "min": "minimum", "max": "maximum"}
    return replace(field, **{renamed.get(name, name): value for name, value in found.items()})


def _unknown_option(field: Field, part: str) -> InputError:
    known = [*options_of(field.kind)]
    if field.to:
        known = [*OnDelete, *known]
    name = part.partition("=")[0]
    what = f"the {field.kind} {field.name} has the option {part!r:.40}, which a {field.kind} does not have"
    if part in SETTINGS:
        return InputError(f"{part} of the field {field.name} has no value", f"write it: {part}=1")
    if not part:
        return InputError(f"the field {field.name} has an empty option", "remove the colon that is too many")
    return InputError(what, suggestion(name, known, SYNONYMS) if known else "it has none")


def _value(field: Field, setting: str, text: str) -> Scalar:
    """Return the value in the Python type of the field."""
    if field.kind is Kind.BOOL:
        if text not in {"true", "false"}:
            raise _unfit(field, setting, text, "true or false")
        return text == "true"
    if field.kind in INTEGERS:
        if not re.fullmatch(r"-?[0-9]{1,19}", text):
            raise _unfit(field, setting, text, "a whole number")
        return int(text)
    if field.kind is Kind.FLOAT:
        return _float(field, setting, text)
    if field.kind is Kind.DECIMAL:
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
            raise _unfit(field, setting, text, "a decimal number such as 9.50")
        return int(text) if setting != "default" and text.lstrip("-").isdigit() else text
    return text


def _float(field: Field, setting: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _unfit(field, setting, text, "a number such as 1.5")
    return value


def _unfit(field: Field, setting: str, text: str, what: str) -> InputError:
    return InputError(f"{setting} of the {field.kind} {field.name} is {text!r:.40}", f"write {what}")


def _written(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
