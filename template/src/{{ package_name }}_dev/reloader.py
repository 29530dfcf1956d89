"""Reloader of `dev`: runs the application in a process that is replaced when the code changes, or when it dies.

There is always a response: while the application cannot be loaded, the process answers 503 with the reason. That
process imports this module, so this module imports nothing of the application.
"""

import json
import multiprocessing
import os
import pkgutil
import signal
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket
from threading import Thread
from types import FrameType

import typer
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from watchfiles import Change, watch

LOOK_MILLISECONDS = 200
"""Interval in milliseconds between two checks that the process is alive."""

SETTLED_SECONDS = 5.0
"""Time in seconds. If the process dies sooner, it would do so again: it starts only after a change of the code."""

TRY_AGAIN_LATER = 1013
"""Close code: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number."""


@dataclass
class Reloader:
    """`before` names a function, as `package.module:function`. The new process runs it before it serves."""

    config: Config
    folder: Path
    settings: Path
    """File that each process reads at its start, so a change of it also starts a new one. It need not exist."""

    before: str
    _process: BaseProcess | None = None
    _started: float = field(default=0.0)
    _was_killed: bool = False

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGINT may be ignored, as after `&` in a shell
        sockets = [self.config.bind_socket()]
        settings = _stamp(self.settings)
        try:
            self._start(sockets)
            for changes in watch(
                self.folder, watch_filter=_is_code, yield_on_timeout=True, rust_timeout=LOOK_MILLISECONDS
            ):
                changed = {Path(path).name for _, path in changes}
                if (now := _stamp(self.settings)) != settings:
                    settings = now
                    changed.add(self.settings.name)
                if changed:
                    _say(f"Changed: {', '.join(sorted(changed))}. Starting again.")
                    self._start(sockets)
                elif self._process and not self._process.is_alive():
                    self._start(sockets, self._why_it_died(self._process.exitcode))
        except KeyboardInterrupt:
            for ending in (signal.SIGINT, signal.SIGTERM):
                signal.signal(ending, signal.SIG_IGN)  # the stop has begun, and takes a few seconds at most
        finally:
            self._stop()

    def _start(self, sockets: list[socket], problem: str | None = None) -> None:
        self._stop()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(self.config, sockets, self.before, problem)
        )
        self._process.start()
        self._started = time.monotonic()

    def _stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.join((self.config.timeout_graceful_shutdown or 0) + 2)
            self._process.kill()
            self._process.join()

    def _why_it_died(self, status: int | None) -> str | None:
        """Return the reason not to start again, or `None` to start again."""
        settled = time.monotonic() - self._started > SETTLED_SECONDS
        killed = status is not None and status < 0
        how = f"was killed by signal {-status}" if status is not None and status < 0 else f"ended with status {status}"
        again = settled or (killed and not self._was_killed)
        self._was_killed = killed and not settled
        if again:
            _say(f"The process of the application {how}. Starting again.")
            return None
        return f"its process {how}"


def _serve(config: Config, sockets: list[socket], before: str, problem: str | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        Thread(target=_follow, args=(parent,), daemon=True).start()
    if problem is None:
        try:
            pkgutil.resolve_name(before)()
            config.load()
        except SystemExit as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - any error is shown here and in the responses
            traceback.print_exc()
            problem = f"{type(error).__name__}: {error}"
    if problem:
        _say(f"Not serving: {problem}. Waiting for a change of the code.")
        config = Config(
            Unavailable(problem),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=config.timeout_graceful_shutdown,
        )
    _Server(config).run(sockets)


class _Server(uvicorn.Server):
    """Server that leaves Ctrl-C to the reloader: all processes of a terminal get it, and the reloader ends this one."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


def _follow(parent: BaseProcess) -> None:
    """End this process when the reloader ends. A killed reloader cannot do it."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _stamp(file: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        status = file.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _is_code(_change: Change, path: str) -> bool:
    """Check for Python code. Editors keep their own files beside it, with a dot at the start of the name."""
    return path.endswith(".py") and not Path(path).name.startswith(".")


def _say(line: str) -> None:
    typer.secho(line, fg="yellow", err=True)


@dataclass(frozen=True)
class Unavailable:
    """Application for the time when the real one cannot run: each response says why."""

    problem: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        body = {"title": "The application does not run", "status": 503, "detail": self.problem}
        headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})
