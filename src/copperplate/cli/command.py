"""How what was typed reaches a verb: as it is, since what it may be is checked where it is used.

Typer 0.29 has Pydantic make each path, text and flag, whose import is a third of `status`. What makes the value of a
parameter is kept in a private attribute of Typer's until it is asked for. Where another Typer keeps it elsewhere, all
goes on as before, only slower; a test tells.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

_Make = Callable[[Any], object]
_MADE_BY: dict[object, _Make] = {Path: Path, str: str, bool: bool, list[str]: list}


class Verb(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - its type is private to Typer
        return _as_typed(super().get_params(ctx))


class Verbs(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - its type is private to Typer
        return _as_typed(super().get_params(ctx))


def _as_typed(parameters: Iterable[Any]) -> list[Any]:
    found = list(parameters)
    for parameter in found:
        make = _MADE_BY.get(getattr(getattr(parameter, "type_descriptor", None), "annotation", None))
        if make:
            vars(parameter)["_runtime_param"] = _AsTyped(make)
    return found


class _AsTyped:
    def __init__(self, make: _Make) -> None:
        self._make = make

    def coerce(self, value: object, param: object, ctx: object) -> object:
        del param, ctx
        return None if value is None else self._make(value)
