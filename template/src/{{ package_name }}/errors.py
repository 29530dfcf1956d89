"""Errors of the application, each with an HTTP status. `exception_handlers` turns them into responses.

AppError
├── BadRequest            400
├── Unauthorized          401  the request has no valid credentials
├── Forbidden             403  its principal may not do this
├── NotFound              404
├── Conflict              409
├── PreconditionFailed    412  If-Match names another version
├── PreconditionRequired  428  If-Match is missing
├── TooManyRequests       429  with Retry-After
└── Unavailable           503  with Retry-After
"""

from typing import ClassVar


class AppError(Exception):
    """An error that is reported to the client.

    `type` is the problem type. `title` is its short name, and never changes (RFC 9457, section 3.1). To let clients
    tell an error apart from others with the same status, derive a class with its own `type`.
    """

    status: ClassVar[int]
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str | None] = None
    """Title of the problem; `None`: the name of the status, as for `about:blank` (RFC 9457, section 4.2.1)."""

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}


class BadRequest(AppError):
    status = 400


class Unauthorized(AppError):
    """`scheme`: the way to authenticate (RFC 9110, section 11.6.1)."""

    status = 401

    def __init__(self, detail: str, *, scheme: str = "Bearer", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": scheme, **(headers or {})})


class Forbidden(AppError):
    status = 403


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    status = 409


class PreconditionFailed(AppError):
    status = 412


class PreconditionRequired(AppError):
    status = 428


class _RetryLater(AppError):
    """`retry_after`: whole seconds (RFC 9110, section 10.2.3)."""

    def __init__(self, detail: str, *, retry_after: int = 1, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after), **(headers or {})})


class TooManyRequests(_RetryLater):
    status = 429


class Unavailable(_RetryLater):
    status = 503
