"""The application under uvicorn: `run` as in production, `run_for_development` on this machine."""

import signal
import sys
from pathlib import Path

import uvicorn

from . import logging
from .settings import Settings

FACTORY = f"{__package__}.worker:served_app"
"""By its name: a process that only watches over others has no need of all that the application imports."""

DEVELOPMENT_GRACE = 1
"""Seconds that requests in flight get to finish: whoever changed the code waits for it."""


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight then get `api.shutdown_grace` seconds to finish."""
    logging.configure(settings.log)
    # uvicorn raises the signal once more when all is done; whoever asked it to end should see that it did so in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    uvicorn.run(
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
        proxy_headers=True,
        forwarded_allow_ips=settings.api.trusted_proxies,
        timeout_graceful_shutdown=settings.api.shutdown_grace,
    )


def run_for_development(*, host: str, port: int, reload: bool) -> None:
    """Serve until Ctrl-C or SIGTERM. With `reload`, in a process that is replaced whenever the code changes."""
    uvicorn.run(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        reload=reload,
        reload_dirs=[str(Path(__file__).parent)] if reload else None,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=DEVELOPMENT_GRACE,
    )
