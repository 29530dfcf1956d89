"""Problem details: the form of every error, `application/problem+json` (RFC 9457)."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "1"}

DETAILS = {
    404: "There is nothing at this address.",
    422: "The request is not valid.",
    500: "The server has failed. Its log has the reason, under the X-Request-ID of this response.",
}
"""Details of errors that have no text of their own. For any other status it is the title."""

NAMES = {
    "Request Entity Too Large": "Content Too Large",
    "Request-URI Too Long": "URI Too Long",
    "Requested Range Not Satisfiable": "Range Not Satisfiable",
    "Unprocessable Entity": "Unprocessable Content",
}
"""Names in RFC 9110 of phrases that Python before 3.13 calls differently: a title never changes."""

PATH_CHARACTERS = "/:@!$&'()*+,;=~"
"""Characters of a path besides letters, digits and `-._` (RFC 3986, section 3.3)."""

RETRY_AFTER = {"Retry-After": {"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}}}


class InvalidPart(BaseModel):
    """One fault of a request. The value that was sent is not repeated: it may be a secret."""

    location: Annotated[str, Field(examples=["body"])]
    pointer: Annotated[str, Field(description="A JSON Pointer (RFC 6901) within the location.", examples=["/price"])]
    detail: str


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: Annotated[str | None, Field(description="The path that was asked for.")] = None
    errors: Annotated[list[InvalidPart] | None, Field(description="With status 422: what is invalid.")] = None


def respond(
    path: str | None,
    status: int,
    detail: str | None = None,
    *,
    type_: str = "about:blank",
    title: str | None = None,
    errors: list[InvalidPart] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a problem as a response. `path` is decoded, as in ASGI."""
    title = title or phrase(status)
    problem = Problem(
        type=type_,
        title=title,
        status=status,
        detail=detail or DETAILS.get(status, f"{title}."),
        instance=None if path is None else quote(path, safe=PATH_CHARACTERS),
        errors=errors,
    )
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE)


def pointer(*keys: str | int) -> str:
    """Return a JSON Pointer (RFC 6901, section 3). Half of a surrogate pair becomes `?`: it has no form in UTF-8."""
    text = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)
    return text.encode(errors="replace").decode()


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses=` of a route that answers these problems."""
    described = {status: {"model": Problem, "description": phrase(status)} for status in statuses}
    return {
        status: {**one, "headers": RETRY_AFTER} if status in {429, 503} else one for status, one in described.items()
    }


def phrase(status: int) -> str:
    """Return the name of a status, or that of its class if it has none (RFC 9110, section 15)."""
    try:
        name = HTTPStatus(status).phrase
    except ValueError:
        name = HTTPStatus(status // 100 * 100).phrase
    return NAMES.get(name, name)
