"""The application under uvicorn: `run` as in production, `development_config` for this machine."""

import signal
import sys

import uvicorn

from . import logs, server
from .settings import Settings

FACTORY = f"{__package__}.worker:served_app"
"""By its name: each worker is a new process, which imports it by itself."""

DEVELOPMENT_GRACE = 1
"""Seconds that requests in flight get to finish: whoever changed the code waits for it."""


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight then get `api.shutdown_grace` seconds to finish."""
    logs.configure(settings.log)
    # uvicorn raises the signal once more when all is done; whoever asked it to end should see that it did so in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    config = uvicorn.Config(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        log_config=None,  # `served_app` sets it up …
        access_log=False,  # … and the middleware writes a line for each request
        server_header=False,
        proxy_headers=False,  # the middleware reads them, so that tests and `dev` do too
        timeout_graceful_shutdown=settings.api.shutdown_grace,
    )
    server.run(config)


def development_config(*, host: str, port: int) -> uvicorn.Config:
    """What a server of development runs, in this process or in one that is replaced whenever the code changes."""
    return uvicorn.Config(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DEVELOPMENT_GRACE,
    )
