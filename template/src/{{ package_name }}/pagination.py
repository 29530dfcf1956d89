"""Keyset pagination: each page costs as little as the first, and new or deleted rows do not shift the others.

A cursor names the last row that the client has seen. It is signed, so a client cannot make one up, or use it with
another list or other filters.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Self

from asyncpg import Record
from fastapi import Depends
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import to_json

from .errors import BadRequest
from .principal import get_principal
from .resources import resources_of

SIGNATURE_BYTES = 16
"""Length of a signature: 128 bits of HMAC-SHA-256, the least that RFC 2104, section 5, allows."""


class PageQuery(BaseModel):
    """Query parameters of a list. A feature derives its own class, with its filters; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    limit: Annotated[int, Field(ge=1, le=100, description="Items on a page.")] = 20
    # No largest length: a cursor grows with the text by which the list is sorted, and its signature is checked first.
    cursor: Annotated[str | None, Field(description="`next` of the page before.")] = None

    @property
    def filters(self) -> bytes:
        """Filters that are on, in JSON. A cursor is bound only to these, so a new filter leaves old cursors valid."""
        off = {name for name, default in _off(type(self)).items() if getattr(self, name) == default}
        given = self.model_dump(exclude={"limit", "cursor", *off})
        return to_json({name: _ordered(value) for name, value in given.items()})


@cache
def _off(query: type[PageQuery]) -> dict[str, Any]:
    """Return the defaults of filters that are off unless they are given, such as `None`, `False` and empty lists."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in query.model_fields.items()}
    return {name: default for name, default in defaults.items() if not default}


def _ordered(value: object) -> object:
    """Return a set as a list in one order. The order of a set is another in each process."""
    return sorted(value, key=to_json) if isinstance(value, set | frozenset) else value


class Page[Item](BaseModel):
    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: Annotated[str | None, Field(description="The cursor of the following page; null: this is the last.")]


@dataclass(frozen=True)
class Cursors:
    """Signer of the cursors of one list, which is named by its path."""

    key: bytes = field(repr=False)
    path: str = ""

    @classmethod
    def from_secret(cls, secret: SecretStr) -> Self:
        return cls(hashlib.sha256(b"cursors\0" + secret.get_secret_value().encode()).digest())

    def of(self, path: str) -> Self:
        return type(self)(self.key, path)

    def decode(self, query: PageQuery) -> list[Any] | None:
        """Return the values of the last row of the page before, or `None` for the first page.

        Raises `BadRequest` for a cursor that was not signed here, or belongs to another list or other filters.
        """
        if query.cursor is None:
            return None
        try:
            signed = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        except ValueError:
            signed = b""
        signature, payload = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(payload, query)):
            raise BadRequest("The cursor belongs to another list, other filters or another sort order.")
        place: list[Any] = json.loads(payload)
        return place

    def encode(self, place: Sequence[object], query: PageQuery) -> str:
        """Return a cursor for the page after the row with these values in the columns of the order."""
        payload = to_json(place, bytes_mode="base64")
        return base64.urlsafe_b64encode(self._sign(payload, query) + payload).rstrip(b"=").decode()

    def page(self, rows: Sequence[Record], query: PageQuery, order: Sequence[str]) -> dict[str, Any]:
        """Return the fields of a `Page`: up to `limit` of the rows, and the cursor of the next page if a row is left.

        `order`: names of the columns of the order.
        """
        last = rows[query.limit - 1] if len(rows) > query.limit else None
        following = self.encode([last[column] for column in order], query) if last else None
        return {"items": [dict(row) for row in rows[: query.limit]], "next": following}

    def _sign(self, payload: bytes, query: PageQuery) -> bytes:
        signed = b"%b\0%b\0%b" % (self.path.encode(), query.filters, payload)
        return hmac.digest(self.key, signed, "sha256")[:SIGNATURE_BYTES]


async def get_cursors(connection: HTTPConnection) -> Cursors:
    """Return the signer for this list and this principal: another principal may see other rows."""
    path = connection.scope["path"].removeprefix(connection.scope.get("root_path", ""))
    principal = await get_principal(connection)
    return resources_of(connection).cursors.of(path if principal.is_anonymous else f"{path}\0{principal.key}")


SignedCursors = Annotated[Cursors, Depends(get_cursors)]
