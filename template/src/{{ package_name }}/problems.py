"""What every error leaves as: `application/problem+json` (RFC 9457)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "1"}


class InvalidPart(BaseModel):
    """One thing that is wrong with a request. What was sent is not repeated: it may be a secret."""

    location: Annotated[str, Field(examples=["body"])]
    pointer: Annotated[str, Field(description="A JSON Pointer (RFC 6901) within the location.", examples=["/price"])]
    detail: str


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: Annotated[str | None, Field(description="The path that was asked for.")] = None
    errors: Annotated[list[InvalidPart] | None, Field(description="With status 422: what is invalid.")] = None


def respond(
    path: str | None,
    status: int,
    detail: str | None = None,
    *,
    type_: str = "about:blank",
    errors: list[InvalidPart] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    title = HTTPStatus(status).phrase
    problem = Problem(type=type_, title=title, status=status, detail=detail, instance=path, errors=errors)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: the problems that it may answer with."""
    return {status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in statuses}
