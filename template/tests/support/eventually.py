"""Waiting for a state that will come about soon."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 20.0
PAUSE = 0.05


async def eventually[T](look: Callable[[], Awaitable[T]], expected: T) -> None:
    """Look repeatedly until the result is the expected one. Fail if it is still another one after some seconds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while (seen := await look()) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"still {seen!r}"
        await asyncio.sleep(PAUSE)
