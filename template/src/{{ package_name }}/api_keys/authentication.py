"""Authentication with an API key, in addition to the logins of users.

The key is looked up for each request, so a revoked key is refused at once, in every process. It acts for its owner: it
reads and writes the owner's rows, with those of its permissions that the owner still has. It is not the owner: a route
that takes a `CurrentUser` refuses it, such as the one that creates another key.

Refused keys are counted for each client address. Beyond `FAILURES` the response is 429, and failures are no longer
logged. A valid key still works from that address, so that another program behind it is not locked out.
"""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Record
from fastapi.requests import HTTPConnection
from limits import parse as parse_limit

from ..auth import audit
from ..auth.permissions import PERMISSIONS, Role
from ..metadata import DISTRIBUTION
from ..principal import Principal
from ..rate_limit import address_of
from ..resources import Resources, resources_of
from . import repository, tokens
from .events import Event
from .uses import Uses

SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "api_key": {"type": "http", "scheme": "bearer", "bearerFormat": f"{DISTRIBUTION}_…"}
}


FAILURES = parse_limit("30 per 15 minutes")


async def authenticate(connection: HTTPConnection) -> Principal | None:
    """Return the principal of the key that the request sends; `None` if it sends none, or an invalid one.

    Raises `TooManyRequests` after many invalid ones.
    """
    scheme, _, sent = connection.headers.get("authorization", "").partition(" ")
    parsed = tokens.parse(sent.strip()) if scheme.lower() == "bearer" else None
    if parsed is None:
        return None
    key_id, secret = parsed
    resources = resources_of(connection)
    found = await repository.find_for_authentication(resources.reader, key_id)
    if reason := _reason_to_refuse(found, secret):
        await resources.limiter.count(FAILURES, "api-key-failures", address_of(connection))
        audit.record(Event.REFUSED, key=str(key_id), reason=reason)
        return None
    assert found
    resources[Uses].note(key_id, found["last_used_at"])
    return principal(key_id, found["user_id"], Role(found["role"]), found["permissions"])


def principal(key_id: uuid.UUID, user_id: uuid.UUID, role: Role, permissions: list[str]) -> Principal:
    held = frozenset(permission for permission in PERMISSIONS[role] if permission in permissions)
    return Principal("api-key", str(key_id), held, user_id)


@asynccontextmanager
async def open_uses(_: Resources) -> AsyncIterator[Uses]:
    yield Uses()


def _reason_to_refuse(found: Record | None, secret: str) -> str | None:
    if found is None:
        return "unknown"
    if not tokens.matches(secret, found["hash"]):
        return "wrong secret"
    if found["is_expired"]:
        return "expired"
    return "account disabled" if found["disabled_at"] else None
