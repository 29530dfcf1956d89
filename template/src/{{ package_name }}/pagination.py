"""Keyset pages: each is as cheap as the first, and rows that come or go meanwhile shift nothing.

A cursor names the last row that the client has seen. It is sealed: nobody can make one up, or use it with other
filters.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from .errors import BadRequest
from .state import state_of

SEAL_BYTES = 16
"""128 bits of HMAC-SHA-256: half of it is the least that RFC 2104, section 5, allows."""


class PageQuery(BaseModel):
    """A list's query parameters. A feature derives its own, with its filters; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=100, description="Items on a page.")] = 20
    cursor: Annotated[str | None, Field(max_length=1000, description="`next` of the page before.")] = None

    @property
    def filters(self) -> str:
        """What a cursor is bound to."""
        return self.model_dump_json(exclude={"limit", "cursor"})


class Page[Item](BaseModel):
    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: Annotated[str | None, Field(description="The cursor of the following page; null: this is the last.")]


class Cursors:
    def __init__(self, secret: SecretStr) -> None:
        self._key = hashlib.sha256(b"cursors\0" + secret.get_secret_value().encode()).digest()

    def after(self, query: PageQuery) -> list[str] | None:
        """The place where the page before `query` ended; none: it asks for the first.

        Raises `BadRequest` for a cursor that was not sealed here, or for other filters.
        """
        if query.cursor is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        except ValueError:
            sealed = b""
        seal, payload = sealed[:SEAL_BYTES], sealed[SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(payload, query)):
            raise BadRequest("The cursor is not one that these filters were answered with.")
        place: list[str] = json.loads(payload)
        return place

    def at(self, place: Sequence[object], query: PageQuery) -> str:
        """A cursor for the page that follows the row with these values in the columns of the order."""
        payload = json.dumps([str(value) for value in place]).encode()
        return base64.urlsafe_b64encode(self._seal(payload, query) + payload).rstrip(b"=").decode()

    def _seal(self, payload: bytes, query: PageQuery) -> bytes:
        return hmac.digest(self._key, query.filters.encode() + b"\0" + payload, "sha256")[:SEAL_BYTES]


async def get_cursors(request: Request) -> Cursors:
    return state_of(request).cursors


CursorSealer = Annotated[Cursors, Depends(get_cursors)]
