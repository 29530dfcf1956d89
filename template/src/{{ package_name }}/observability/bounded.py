"""What may block must not keep the process from ending."""

import asyncio
from collections.abc import Callable
from threading import Thread


async def within(seconds: float, call: Callable[[], object]) -> bool:
    """Whether it was done in time. If not it is left behind, in a thread that does not keep the process alive."""
    thread = Thread(target=call, daemon=True)
    thread.start()
    await asyncio.to_thread(thread.join, seconds)
    return not thread.is_alive()
