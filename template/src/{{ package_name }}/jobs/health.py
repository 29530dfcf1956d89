"""Health of a worker: a port for probes, like `/health/live` and `/health/ready` of the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ..resources import Resources
from .settings import JobsSettings

TIMEOUT = 1.0
"""Time in seconds for a probe to send its request, and for the database to answer."""

LIVE, READY = b"GET /health/live ", b"GET /health/ready "


@asynccontextmanager
async def health_served(resources: Resources) -> AsyncIterator[None]:
    """Serve the probes. Live: the event loop runs, which a job may block. Ready: the database answers as well."""
    settings = resources.settings[JobsSettings]
    if not settings.health_port:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(TIMEOUT):
                line = await reader.readline()
                ready = not line.startswith(READY) or await _database_answers(resources)
            status = "200 OK" if line.startswith((LIVE, READY)) else "404 Not Found"
            status = status if ready else "503 Service Unavailable"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, settings.health_host, settings.health_port):
        yield


async def _database_answers(resources: Resources) -> bool:
    try:
        async with resources.probe() as connection:
            await connection.execute("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever it is, it does not answer
        return False
    return True
