"""Conditional requests (RFC 9110, section 13): reads that cost nothing when nothing changed, writes that lose nothing.

A row's version is its entity tag: it changes with every change of the row, and never back.
"""

from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel

from .errors import PreconditionFailed, PreconditionRequired

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

IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag that the change is based on.")]


def etag(version: int) -> str:
    return f'"{version}"'


def answer(body: BaseModel, version: int, if_none_match: str | None = None) -> Response:
    """200 with the body and its tag, or 304 if the client has it already."""
    headers = {"ETag": etag(version)}
    if if_none_match is not None and _names(if_none_match, version, weak=True):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


def if_none_match(request: Request) -> str | None:
    return request.headers.get("If-None-Match")


def require_match(if_match: str | None, version: int) -> None:
    """Let a change pass only if it is based on what is stored now.

    Raises `PreconditionRequired` (RFC 6585, section 3) without a tag, `PreconditionFailed` with another one.
    """
    if if_match is None:
        raise PreconditionRequired("Say in If-Match which ETag the change is based on.")
    if not _names(if_match, version, weak=False):
        raise PreconditionFailed(f"It has changed meanwhile: its ETag is {etag(version)} now.")


def _names(header: str, version: int, *, weak: bool) -> bool:
    tags = {tag.strip() for tag in header.split(",")}
    if weak:  # section 8.8.3.2: for reads, tags that are marked as weak count as well
        tags = {tag.removeprefix("W/") for tag in tags}
    return "*" in tags or etag(version) in tags
