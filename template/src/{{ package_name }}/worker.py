"""Worker process of the server: it serves requests. uvicorn starts it, one for each worker."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from threading import Thread

from fastapi import FastAPI

from . import logs
from .app import create_app
from .features import settings_class, telemetry_of


def served_app() -> FastAPI:
    settings = settings_class()()
    logs.configure(settings.log, processors=telemetry_of(settings).log_processors)
    if parent := multiprocessing.parent_process():
        Thread(target=follow, args=(parent.join,), daemon=True).start()
    app = create_app(settings)
    gc.set_threshold(20_000)  # under load, searching the waiting requests for garbage took a fifth of the time
    gc.collect()
    gc.freeze()  # existing objects are not searched again: every request would wait for that
    return app


def follow(wait_for_parent: Callable[[], object]) -> None:
    """End this worker when its parent ends. A killed parent cannot do it, and the worker would keep the port."""
    wait_for_parent()
    os.kill(os.getpid(), signal.SIGTERM)
