"""The caller of a request: what belongs to one caller is kept apart from what belongs to another.

Replace `get_caller` by what your authentication knows, such as the number of a user, so that a caller stays the same
when a token is renewed. Until then the caller is whoever sends the same credentials; without any, it is anonymous.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

CREDENTIALS = ("authorization", "cookie", "x-api-key")
"""Header fields that say who calls. Two requests that differ in one of them may be from two callers."""


async def get_caller(connection: HTTPConnection) -> str:
    """Never the same for two callers. It may be a secret, so it is neither logged nor stored as it is."""
    return "\0".join(", ".join(connection.headers.getlist(name)) for name in CREDENTIALS).rstrip("\0")


Caller = Annotated[str, Depends(get_caller)]
