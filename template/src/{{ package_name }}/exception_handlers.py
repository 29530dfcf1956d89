"""Which exception is answered how. All leave as problems (RFC 9457), and the OpenAPI document says so."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from .db.errors import status_of
from .errors import AppError
from .problems import MEDIA_TYPE, RETRY, InvalidPart, respond

PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
FRAMEWORKS_OWN_SCHEMA = {"$ref": "#/components/schemas/HTTPValidationError"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every kind of exception. What is not named here is a fault of ours: `RequestContext` answers 500."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PostgresError, _database_error)
    for unavailable in (PoolTimeoutError, InterfaceError, RedisError, ConnectionError, TimeoutError):
        app.add_exception_handler(unavailable, _unavailable)
    _describe(app)


async def _app_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return respond(request.url.path, error.status, error.detail, type_=error.type, headers=error.headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = None if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else dict(error.headers or {})
    return respond(request.url.path, error.status_code, detail, headers=headers)


def _allowed(request: Request) -> str:
    """All methods of the resource (RFC 9110, section 15.5.6). The framework knows only those of one of its routes."""
    routes = request.app.router.routes
    asked = ({**request.scope, "method": method} for method in METHODS)
    allowed = (scope for scope in asked if any(route.matches(scope)[0] is Match.FULL for route in routes))
    return ", ".join(scope["method"] for scope in allowed)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_invalid_part(part["loc"], part["msg"]) for part in error.errors()]
    return respond(request.url.path, 422, "The request is not valid.", errors=errors)


def _invalid_part(location: Sequence[str | int], message: str) -> InvalidPart:
    pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in location[1:])
    return InvalidPart(location=str(location[0]), pointer=pointer, detail=message)


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, (DBAPIError, PostgresError))
    status = status_of(error)
    if status == 503:
        _log_unavailable(error.orig if isinstance(error, DBAPIError) else error)
    elif status >= 500:
        log.error("the database refused", exc_info=error)
    detail = {500: None, 503: "The database cannot answer now."}.get(status, "The database refuses these values.")
    return respond(request.url.path, status, detail, headers=RETRY if status == 503 else None)


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    _log_unavailable(error)
    return respond(request.url.path, 503, "A dependency does not answer.", headers=RETRY)


def _log_unavailable(error: BaseException | None) -> None:
    # Without a traceback: it tells nothing about a server elsewhere, and to write one for each of many requests that
    # fail together would take the time of those that do not.
    log.error("a dependency does not answer", error=repr(error))


def _describe(app: FastAPI) -> None:
    """FastAPI describes each model of `responses` as `application/json`, and a form of its own for what is invalid."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for operation in (operation for path in document["paths"].values() for operation in path.values()):
            for response in operation["responses"].values():
                schema = response.get("content", {}).get("application/json", {}).get("schema")
                if schema in (PROBLEM_SCHEMA, FRAMEWORKS_OWN_SCHEMA):
                    response["content"] = {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document
