"""Query parameters: one that is given twice is refused if the route expects one value.

FastAPI uses the last value. A program in front of it may use the first, and then the two see different requests.
"""

from collections.abc import Awaitable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from ..parameters import takes_several
from ..problems import InvalidPart, pointer, respond


class QueryParameters:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Routes are looked up only if a name is repeated, so other requests pay almost nothing.
        if scope["type"] == "http" and b"&" in scope["query_string"] and (repeated := _repeated(scope)):
            parts = [
                InvalidPart(location="query", pointer=pointer(name), detail="It may be given once.")
                for name in repeated
            ]
            return respond(scope["path"], 422, errors=parts)(scope, receive, send)
        return self._app(scope, receive, send)


def _repeated(scope: Scope) -> list[str]:
    names = [name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)]
    repeated = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    return sorted(repeated & set(_single_parameters(scope))) if repeated else []


def _single_parameters(scope: Scope) -> Iterator[str]:
    """Return the names of the query parameters that take one value, for the route of this request."""
    for route in iter_route_contexts(scope["app"].routes):
        if isinstance(route.original_route, APIRoute) and route.matches(scope)[0] is Match.FULL:
            for name, annotation in _parameters(route.dependant):
                if not takes_several(annotation):
                    yield name
            return


def _parameters(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from ((info.alias or name, info.annotation) for name, info in annotation.model_fields.items())
        else:
            yield field.alias, annotation
    for dependency in dependant.dependencies:
        yield from _parameters(dependency)
