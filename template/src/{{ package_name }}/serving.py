"""The application under uvicorn: `run` as in production, `run_for_development` on this machine."""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI

from . import logging
from .app import create_app
from .features import Telemetry
from .settings import Settings

FACTORY = f"{__name__}:served_app"
"""By its name, since each worker is a new process that imports it."""

DEVELOPMENT_GRACE = 1
"""Seconds that requests in flight get to finish: whoever changed the code waits for it."""


def served_app() -> FastAPI:
    settings = Settings()
    logging.configure(settings.log, processors=Telemetry.log_processors)
    if parent := multiprocessing.parent_process():
        Thread(target=follow, args=(parent.join,), daemon=True).start()
    app = create_app(settings)
    gc.set_threshold(20_000)  # under load, to look for garbage in requests that wait cost a fifth of the time
    gc.collect()
    gc.freeze()  # what exists now stays, so no later collection need go through it, with every request waiting
    return app


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


def follow(wait_for_parent: Callable[[], object]) -> None:
    """A parent that is killed cannot end its workers, and they would keep the port."""
    wait_for_parent()
    os.kill(os.getpid(), signal.SIGTERM)
