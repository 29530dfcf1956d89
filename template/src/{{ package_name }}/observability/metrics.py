"""Metrics of one process, on a port for Prometheus, other than the public one."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics, start_http_server

from .settings import MetricsSettings

PORTS = 64
"""Number of ports that are tried, and so the most processes of one machine that can be scraped."""

log = structlog.get_logger()


def create_registry() -> CollectorRegistry:
    disable_created_metrics()  # type: ignore[no-untyped-call] # each would have one more series
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


@asynccontextmanager
async def served(registry: CollectorRegistry, settings: MetricsSettings) -> AsyncIterator[None]:
    """Serve the metrics. If no port is free, this is logged, and the process continues without metrics."""
    try:
        server = await asyncio.to_thread(_listen, registry, settings)
    except OSError as error:
        log.warning("metrics cannot be served", host=settings.host, port=settings.port, error=str(error))
        yield
        return
    log.info("metrics are served", host=settings.host, port=server.server_port)
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


def _listen(registry: CollectorRegistry, settings: MetricsSettings) -> WSGIServer:
    """Listen on the first free port: processes of one machine share the work, but not their figures.

    Threads of the server respond even while the application is at its limit, which is when the figures matter.
    """
    for port in range(settings.port, min(settings.port + PORTS, 65536)):
        try:
            return start_http_server(port, settings.host, registry)[0]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"{PORTS} ports are in use")
