"""Waiting for what comes about by itself, soon."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 20.0
PAUSE = 0.05


async def eventually[T](look: Callable[[], Awaitable[T]], expected: T) -> None:
    """Look again and again until that is what is seen; fail if it is still something else after some seconds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while (seen := await look()) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"still {seen!r}"
        await asyncio.sleep(PAUSE)
