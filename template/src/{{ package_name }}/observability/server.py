"""Metrics server: a port for Prometheus, other than the public one. Each process has its own."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import AF_INET6
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from .settings import MetricsSettings

PORTS = 64
"""Number of ports that are tried, and so the most processes of one machine that can be scraped."""

POLL = 0.1
"""Interval in seconds between two checks whether the server must close."""

log = structlog.get_logger()


@asynccontextmanager
async def served(registry: CollectorRegistry, settings: MetricsSettings) -> AsyncIterator[None]:
    """Serve the metrics. If no port is free, this is logged, and the process continues without metrics."""
    try:
        server = await asyncio.to_thread(_listen, registry, settings)
    except OSError as error:
        log.warning("metrics cannot be served", host=settings.host, port=settings.port, error=str(error))
        yield
        return
    # Its own threads respond even while the application is at its limit, which is when the figures matter.
    Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
    log.info("metrics are served", host=settings.host, port=server.server_port)
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


def _listen(registry: CollectorRegistry, settings: MetricsSettings) -> WSGIServer:
    """Listen on the first free port: processes of one machine share the work, but not their figures."""
    server = _ServerV6 if ":" in settings.host else _Server
    app = make_wsgi_app(registry)
    *others, last = range(settings.port, min(settings.port + PORTS, 65536))
    for port in others:
        try:
            return make_server(settings.host, port, app, server, _Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return make_server(settings.host, last, app, server, _Handler)


class _Server(ThreadingWSGIServer):
    allow_reuse_port = False  # else two processes get the same port, and a scrape reaches only one of them


class _ServerV6(_Server):
    address_family = AF_INET6


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing for a scrape."""
