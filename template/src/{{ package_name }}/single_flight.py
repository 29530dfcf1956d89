"""Single flight: callers that want the same thing at the same time share one run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from . import places


class SingleFlight:
    """Callers of one key share the result, or the error, of the first of them.

    The work runs in the task of the first caller, with its context and time limit, and may use objects of its request.
    If that task is cancelled, the next caller takes over: no caller fails because another client disconnected.
    """

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Future[Any]] = {}

    async def run[T](self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        while flight := self._flights.get(key):
            async with places.waiting():
                await asyncio.wait([flight])  # unlike `await flight`, it raises only if this task is cancelled
            if not flight.cancelled():
                return cast("T", flight.result())
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        try:
            result = await work()
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # read once, so that asyncio does not report it if no other caller waits
            raise
        else:
            flight.set_result(result)
            return result
        finally:
            flight.cancel()  # does nothing to a flight that has a result
            self._land(key, flight)

    def forget(self, key: str) -> None:
        """Let the next caller start again. Callers that already wait get the result of the current run."""
        self._flights.pop(key, None)

    def _land(self, key: str, flight: asyncio.Future[Any]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
