"""Exception handlers: each kind of exception becomes a problem (RFC 9457)."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Never

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import FastAPI, Response, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.requests import HTTPConnection
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketState

from .db.errors import as_app_error, named_by
from .errors import AppError
from .problems import NAMES, RETRY, InvalidPart, phrase, pointer, respond

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
JSON, FORMS = "application/json", {"application/x-www-form-urlencoded", "multipart/form-data"}
WITHOUT_BODY = {204, 205, 304}

UNREADABLE = "There was an error parsing the body"
"""Detail that FastAPI gives if a body is not even text."""

MOST_PARTS = 100
"""Most invalid parts in one response, so that it is not many times larger than the request."""

TRY_AGAIN_LATER, INTERNAL_ERROR, POLICY_VIOLATION = 1013, 1011, 1008
"""Close codes of WebSockets (RFC 6455, section 7.4, and the registry of IANA)."""

WORDS = {
    "union_tag_invalid": "Input should be of one of the expected kinds",
    "dict_type": "Input should be an object",
    "list_type": "Input should be an array",
    "model_attributes_type": "Input should be an object",
    "model_type": "Input should be an object",
    "string_pattern_mismatch": "Input does not have the form that the description of this API gives",
}
"""Texts for kinds of Pydantic errors whose own text is about Python, shows a pattern, or repeats the input."""

log = structlog.get_logger()

type Answer = Callable[[HTTPConnection, Any], Response]


def install(app: FastAPI) -> None:
    """Install a handler for each kind of exception. All others are bugs: `RequestContext` answers 500."""
    answers: dict[type[Exception], Answer] = {
        AppError: _app_error,
        HTTPException: _http_error,
        RequestValidationError: _invalid,
        WebSocketRequestValidationError: _invalid,
        **dict.fromkeys((DBAPIError, StaleDataError, PostgresError, InterfaceError), _database_error),
        **dict.fromkeys((PoolTimeoutError, RedisError, ConnectionError, TimeoutError), _unavailable),
    }
    for kind, answer in answers.items():
        app.add_exception_handler(kind, _handler(answer))
    app.router.default = _not_found


async def _not_found(scope: Scope, receive: Receive, send: Send) -> Never:
    """Answer 404. Starlette closes a WebSocket to an unknown address, which is answered 403."""
    del scope, receive, send
    raise HTTPException(404)


def _handler(answer: Answer) -> Callable[[Any, Exception], Any]:
    async def handle(connection: HTTPConnection, error: Exception) -> Response | None:
        response = answer(connection, error)
        if isinstance(connection, WebSocket) and connection.application_state is not WebSocketState.CONNECTING:
            # The WebSocket is open, so it can only be closed with a code.
            code = {503: TRY_AGAIN_LATER, 500: INTERNAL_ERROR}.get(response.status_code, POLICY_VIOLATION)
            await connection.close(code, phrase(response.status_code))
            return None
        return response  # the WebSocket is not open yet: Starlette refuses it with this response

    return handle


def _app_error(connection: HTTPConnection, error: AppError) -> Response:
    return respond(
        connection.scope["path"],
        error.status,
        error.detail,
        type_=error.type,
        title=error.title,
        headers=error.headers,
    )


def _http_error(connection: HTTPConnection, error: HTTPException) -> Response:
    detail, headers = error.detail, dict(error.headers or {})
    if error.status_code in WITHOUT_BODY:
        return Response(status_code=error.status_code, headers=headers)
    if detail == UNREADABLE and _is_encoded(connection):
        return _encoded(connection)
    if connection.scope.get("method") == "OPTIONS" and connection.scope.get("raw_path") == b"*":
        # RFC 9110, section 9.3.7: this asks about the server, and not about an address.
        return Response(status_code=204, headers={"Allow": ", ".join(METHODS)})
    if error.status_code == 405:
        # A mounted application knows its own methods. The one for static files names none: it has these two.
        headers["Allow"] = ", ".join(_allowed(connection)) or headers.get("Allow", "GET, HEAD")
    if isinstance(detail, str) and NAMES.get(detail, detail) == phrase(error.status_code):
        detail = f"This address allows {headers['Allow']}." if error.status_code == 405 else ""
    elif not isinstance(detail, str):  # FastAPI allows anything that JSON can hold
        detail = json.dumps(detail)
    return respond(connection.scope["path"], error.status_code, detail, headers=headers)


def _is_encoded(connection: HTTPConnection) -> bool:
    return connection.headers.get("Content-Encoding", "identity").lower() != "identity"


def _encoded(connection: HTTPConnection) -> Response:
    # RFC 9110, section 15.5.16: `Accept-Encoding` names what the server accepts.
    headers = {"Accept-Encoding": "identity"}
    return respond(connection.scope["path"], 415, "Send the body uncompressed.", headers=headers)


def _allowed(connection: HTTPConnection) -> list[str]:
    """Return all methods of the resource (RFC 9110, section 15.5.6). The framework gives only those of one route."""
    routes = connection.app.router.routes

    def allows(method: str) -> bool:
        asked = {**connection.scope, "method": "GET" if method == "HEAD" else method}
        return any(route.matches(asked)[0] is Match.FULL for route in routes)

    return [method for method in METHODS if allows(method)]


def _invalid(connection: HTTPConnection, error: RequestValidationError | WebSocketRequestValidationError) -> Response:
    path, errors = connection.scope["path"], error.errors()[:MOST_PARTS]
    if _is_encoded(connection) and any(each["loc"][0] == "body" for each in errors):
        return _encoded(connection)
    if (expected := _other_media_type(connection)) is not None:
        # RFC 9110, section 15.5.16: `Accept` names what the server accepts.
        return respond(path, 415, f"The body must be {expected}.", headers={"Accept": expected})
    if errors[0]["type"] == "json_invalid":
        # 422 is for content whose syntax is correct (RFC 9110, section 15.5.21).
        return respond(path, 400, f"The body is not JSON: {errors[0]['ctx']['error']}.")
    body = getattr(error, "body", None)
    parts = {part.model_dump_json(): part for part in (_invalid_part(error, body) for error in errors)}
    return respond(path, 422, errors=list(parts.values()))


def _other_media_type(connection: HTTPConnection) -> str | None:
    """Return the media type that the route expects, if the body has another one or names none. Else `None`."""
    field = getattr(connection.scope.get("route"), "body_field", None)
    has_body = connection.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in connection.headers
    if field is None or not has_body:
        return None
    expected: str = field.field_info.media_type
    given = connection.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if expected == JSON:
        fits = given == JSON or (given.startswith("application/") and given.endswith("+json"))
    else:
        fits = given in (FORMS if expected in FORMS else {expected})
    return None if fits else expected


def _invalid_part(error: dict[str, Any], body: object) -> InvalidPart:
    location, *keys = error["loc"]
    if location == "body":
        keys = list(_within(body, keys, missing=error["type"] == "missing"))
    # Pydantic writes "Value error, " in front of the text of a project's own `ValueError`.
    own = error.get("ctx", {}).get("error", "") if error["type"] in {"value_error", "assertion_error"} else ""
    detail = str(own) or WORDS.get(error["type"], error["msg"])
    return InvalidPart(location=str(location), pointer=pointer(*keys), detail=detail)


def _within(body: Any, keys: Sequence[str | int], *, missing: bool) -> Iterator[str | int]:  # noqa: ANN401 - JSON
    """Return the keys of the path into the body. Pydantic adds other keys, such as names of the members of a union."""
    for number, key in enumerate(keys, start=1):
        found = False
        with suppress(LookupError, TypeError):
            body = body[key]
            found = True
        if found or (missing and number == len(keys)):
            yield key


def _database_error(connection: HTTPConnection, error: DBAPIError | PostgresError | InterfaceError) -> Response:
    answer = as_app_error(error)
    if answer is None:
        log.error("the database refused", exc_info=error, **named_by(error))
        return respond(connection.scope["path"], 500)
    if answer.status == 503:
        _log_unavailable(error.orig if isinstance(error, DBAPIError) else error, **named_by(error))
    return _app_error(connection, answer)


def _unavailable(connection: HTTPConnection, error: Exception) -> Response:
    _log_unavailable(error)
    return respond(connection.scope["path"], 503, "A dependency does not answer.", headers=RETRY)


def _log_unavailable(error: BaseException | None, **names: str) -> None:
    # Without a traceback: it says nothing about another server. If many requests fail together, writing one for each
    # would take time from the requests that do not fail.
    log.error("a dependency does not answer", error=repr(error), **names)
