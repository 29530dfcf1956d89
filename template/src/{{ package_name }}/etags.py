"""Conditional requests (RFC 9110, section 13): unchanged data is not sent again, and no change is lost.

The entity tag of a row is its version, which is new after every change and never used again. If a body shows columns of
further rows, its tag has the keys and versions of all these rows: otherwise it would stay the same when one of them
changes, or when another row takes its place.
"""

import hashlib
import re
import uuid
from typing import Annotated, Any

from fastapi import Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.requests import HTTPConnection
from pydantic import BaseModel

from .errors import BadRequest, PreconditionFailed, PreconditionRequired

NOT_MODIFIED = 304

SAFE = {"GET", "HEAD", "OPTIONS", "QUERY"}
"""Methods that change nothing."""

IF_NONE_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "Answer 304 if it still has this ETag.",
            "schema": {"type": "string"},
        }
    ]
}
"""`openapi_extra=` of a route that uses `if_none_match`. As a parameter, it would cost a tenth of a read."""

ETAG: dict[str, Any] = {"ETag": {"description": "The version of what is answered.", "schema": {"type": "string"}}}
"""`headers` of a response in a route's `responses=`."""

ENTITY_TAGS = r'^(\*|(W/)?"[!#-~]*"(\s*,\s*(W/)?"[!#-~]*")*)$'
"""Form of If-Match (section 13.1.1). It is documented but not validated, so that another form is answered 400."""

LONGEST_TAG = 200
"""Most characters of a tag that is written out. The tag of many rows is a hash, since proxies limit headers."""

TAG = re.compile(r'(W/)?"[!#-~\x80-\xff]*"')
IS_LIST = re.compile(r"[\s,]*\0(\s*,[\s,]*\0)*[\s,]*").fullmatch
"""A list after each tag is replaced by NUL: tags may contain commas. Elements may be empty (section 5.6.1.2)."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that the change is based on.",
        json_schema_extra={"pattern": ENTITY_TAGS},
    ),
]
"""The If-Match header, documented as required: see `openapi`."""


def etag(*versions: int | uuid.UUID) -> str:
    """Return the strong tag of a body that shows columns of the rows with these versions.

    Further rows are given with their keys, as in `etag(order.version, customer.id, customer.version)`.
    """
    tag = ".".join(map(str, versions))
    return f'"{tag}"' if len(tag) <= LONGEST_TAG else f'"{hashlib.sha256(tag.encode()).hexdigest()}"'


def json_response_with_etag(
    body: BaseModel, tag: str, if_none_match: str | None = None, if_match: str | None = None
) -> Response:
    """Return 200 with the body and its tag, or 304 if the client already has it.

    With `if_match`, raises what `require_match` raises (section 13.1.1).
    """
    if if_match is not None:
        require_match(if_match, tag)
    headers = {"ETag": tag}
    if if_none_match is not None and matches(if_none_match, tag, weak=True):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


def if_none_match(request: Request) -> str | None:
    return _field(request, b"if-none-match")


def if_match(request: Request) -> str | None:
    return _field(request, b"if-match")


def _field(request: Request, name: bytes) -> str | None:
    """Return the value of a header. `request.headers` raises inside if it is missing: for two, 2 % of a read's time."""
    value: bytes | None = dict(request.scope["headers"]).get(name)
    return None if value is None else value.decode("latin-1")


def require_match(if_match: str | None, tag: str) -> None:
    """Raise an error unless the change is based on the current version.

    Raises `PreconditionRequired` (RFC 6585, section 3) without a tag, `PreconditionFailed` for another tag, and
    `BadRequest` for a value that is not a tag.
    """
    if if_match is None:
        raise PreconditionRequired("Send If-Match with the current ETag.")
    if_match = if_match.strip()
    if if_match != "*" and not IS_LIST(TAG.sub("\0", if_match)):
        raise BadRequest('If-Match takes ETags in double quotes, such as "1", or *.')
    if matches(if_match, tag, weak=False):
        return
    if f"W/{tag}" in if_match:
        # Section 13.1.1: a server must compare strongly, and a weak tag is never equal then.
        raise PreconditionFailed(f"A proxy has marked the ETag as weak, as compression does: send {tag}, without W/.")
    raise PreconditionFailed(f"It has changed meanwhile: its ETag is {tag} now.")


def matches(header: str, tag: str, *, weak: bool) -> bool:
    """Compare with each tag of a list. For reads, weak tags count as well (section 8.8.3.2)."""
    given = {one.strip().removeprefix("W/") if weak else one.strip() for one in header.split(",")}
    return header == "*" or tag in given


def require_compared(connection: HTTPConnection) -> None:
    """Raise `PreconditionFailed` for a change with a condition that its route does not compare (section 13.1).

    Such a condition is false: without an ETag none is equal to `If-Match`, and what was changed exists, contrary to
    `If-None-Match: *`. Called when the change is about to be committed: all other errors come first (section 13.2.1).
    """
    if connection.scope.get("method", "GET") in SAFE:
        return
    given = dict(connection.scope["headers"])
    for name, is_false in (
        ("If-Match", given.get(b"if-match", b"*") != b"*"),
        ("If-None-Match", given.get(b"if-none-match") == b"*"),
    ):
        if is_false and not _is_declared(name, connection.scope["route"].dependant):
            raise PreconditionFailed(f"This address does not compare {name}: send the request without it.")


def _is_declared(header: str, dependant: Dependant) -> bool:
    return header.lower() in {field.alias.lower().replace("_", "-") for field in get_flat_params(dependant)}
