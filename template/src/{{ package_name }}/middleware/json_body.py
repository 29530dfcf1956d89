"""JSON bodies: refused if other programs could read them differently.

If an object has a name twice, Python uses the last value, and others the first (RFC 8259, section 4; RFC 7493, section
2.3). Python also reads `NaN` and `Infinity`, which JSON does not have, `1e999`, which is too large for a float, and
UTF-16 and UTF-32 (RFC 8259, section 8.1).
"""

import json
from collections import Counter
from collections.abc import Awaitable, Iterator
from itertools import islice
from math import isfinite
from typing import Never

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..problems import InvalidPart, pointer, respond
from .request_body import has_body, read_ahead, replay

MOST_PARTS = 100
"""Most parts of a body in one response, so that it is not many times larger than the request."""

NO_JSON = (ValueError, RecursionError)


class JsonBody:
    """Respond 422 for such a body, 400 if it is not in UTF-8.

    A body that is larger than the part read ahead is not checked, except for its encoding.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not has_body(scope) or not _is_json(scope):
            return self._app(scope, receive, send)
        return self._checked(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        ahead = await read_ahead(receive)
        body = b"".join(message.get("body", b"") for message in ahead)
        if not json.detect_encoding(body).startswith("utf-8"):
            await respond(scope["path"], 400, "The body is not JSON in UTF-8.")(scope, receive, send)
            return
        if not ahead[-1].get("more_body", False) and (parts := list(islice(_ambiguous(body), MOST_PARTS))):
            await respond(scope["path"], 422, errors=parts)(scope, receive, send)
            return
        await self._app(scope, replay(ahead, receive), send)


class _AmbiguousError(Exception):
    pass


class _Members(list[tuple[str, object]]):
    """All members of an object, with repeated names."""


def _is_json(scope: Scope) -> bool:
    media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _ambiguous(body: bytes) -> Iterator[InvalidPart]:
    """Return the parts with more than one meaning; none if the body is not JSON, which is answered elsewhere."""
    try:
        json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except _AmbiguousError:
        yield from _parts(json.loads(body, object_pairs_hook=_Members))
    except NO_JSON:
        return


def _unique(members: list[tuple[str, object]]) -> None:
    if len(dict(members)) < len(members):
        raise _AmbiguousError


def _refuse(_: str) -> Never:
    raise _AmbiguousError


def _finite(text: str) -> None:
    if not isfinite(float(text)):
        raise _AmbiguousError


def _parts(body: object) -> Iterator[InvalidPart]:
    left: list[tuple[tuple[str | int, ...], object]] = [((), body)]
    while left:
        keys, value = left.pop()
        if isinstance(value, _Members):
            left += [((*keys, name), member) for name, member in value]
            times = Counter(name for name, _ in value)
            for name in (name for name, count in times.items() if count > 1):
                yield InvalidPart(location="body", pointer=pointer(*keys, name), detail="It may be given once.")
        elif isinstance(value, list):
            left += [((*keys, number), member) for number, member in enumerate(value)]
        elif isinstance(value, float) and not isfinite(value):
            yield InvalidPart(location="body", pointer=pointer(*keys), detail="Input should be a finite number")
