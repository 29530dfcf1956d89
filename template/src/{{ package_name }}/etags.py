"""Conditional requests (RFC 9110, section 13): reads that cost nothing when nothing changed, writes that lose nothing.

A row's version is its entity tag: it changes with every change of the row, and never back. A body that shows columns
of further rows has the versions of all of them in its tag; without one of these, the tag would lie when it changes.
"""

import re
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel

from .errors import BadRequest, PreconditionFailed, PreconditionRequired

NOT_MODIFIED = 304

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
"""For `openapi_extra=` of a route that asks `if_none_match`. As a parameter of it, it would cost a tenth of a read."""

ETAG: dict[str, Any] = {"ETag": {"description": "The version of what is answered.", "schema": {"type": "string"}}}
"""For the `headers` of a route's `responses=`."""

ENTITY_TAGS = r'^(\*|(W/)?"[!#-~]*"(\s*,\s*(W/)?"[!#-~]*")*)$'
"""What If-Match holds (section 13.1.1). It is described but not validated, so that another form is answered 400."""

TAG = re.compile(r'(W/)?"[!#-~\x80-\xff]*"')
IS_LIST = re.compile(r"[\s,]*\0(\s*,[\s,]*\0)*[\s,]*").fullmatch
"""A list of what stands for tags, which may hold commas. Empty elements count nothing (section 5.6.1.2)."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that the change is based on.",
        json_schema_extra={"pattern": ENTITY_TAGS},
    ),
]
"""Described as required: see `openapi`."""


def etag(*versions: int) -> str:
    """The strong tag of a body that shows columns of the rows with these versions."""
    return f'"{".".join(map(str, versions))}"'


def json_response_with_etag(
    body: BaseModel, tag: str, if_none_match: str | None = None, if_match: str | None = None
) -> Response:
    """200 with the body and its tag, or 304 if the client has it already.

    Raises what `require_match` raises if the client asks with `if_match` for another version (section 13.1.1).
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
    """`request.headers` raises and catches an error for what is not there, which for two fields takes 2 % of a read."""
    value: bytes | None = dict(request.scope["headers"]).get(name)
    return None if value is None else value.decode("latin-1")


def require_match(if_match: str | None, tag: str) -> None:
    """Let a change pass only if it is based on what is stored now.

    Raises `PreconditionRequired` (RFC 6585, section 3) without a tag, `PreconditionFailed` with another one, and
    `BadRequest` with what is no tag.
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
    """Compare with each tag of a list. For reads, those that are marked as weak count as well (section 8.8.3.2)."""
    given = {one.strip().removeprefix("W/") if weak else one.strip() for one in header.split(",")}
    return header == "*" or tag in given
