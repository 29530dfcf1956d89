"""Serve a project as production does, for as long as somebody asks it something."""

import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from copperplate.verify.bench import Bench
from copperplate.verify.launch import launched, leaves_something
from copperplate.verify.results import CheckFailed
from copperplate.verify.transcript import Transcript

START_TIMEOUT = 30.0
"""Seconds in which `/health/live` must answer."""

STOP_TIMEOUT = 15.0
"""Seconds in which it must be gone after SIGTERM: the rendered default of its grace is 10 s."""

LINGER = 2.0
"""Seconds in which all that it had started must be gone after it."""

REQUEST_TIMEOUT = 5.0

HOST = "127.0.0.1"


@contextmanager
def served(bench: Bench, transcript: Transcript, settings: Mapping[str, str] | None = None) -> Iterator[int]:
    """Migrate, serve with `settings` besides those of production, and give the port; at the end tell it to stop."""
    production = {
        **bench.examples(transcript),
        **bench.servers(transcript).settings,
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LOG_FORMAT": "json",
        **(settings or {}),
    }
    if not bench.migrated:
        bench.run(transcript, bench.target.command, "migrate", settings=production)
        bench.migrated = True
    port = _free_port()
    command = (bench.target.command, "serve", "--host", HOST, "--port", str(port))
    transcript.begin(("uv", "run", *command))
    with launched(
        bench.in_project(*command), cwd=bench.scratch, env=bench.env | production, output=transcript.file
    ) as server:
        _wait_until_live(server, port, transcript)
        yield port
        _stop(server, transcript)


def status_of(port: int, path: str) -> int | None:
    """Ask for `path`, and give the status of the answer, or None if there was none."""
    return answer_of(port, path)[0]


def answer_of(port: int, path: str) -> tuple[int | None, bytes]:
    """Ask for `path`, and give the status and the body of the answer, or None if there was none."""
    connection = HTTPConnection(HOST, port, timeout=REQUEST_TIMEOUT)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return None, b""
    finally:
        connection.close()


def _wait_until_live(server: subprocess.Popen[bytes], port: int, transcript: Transcript) -> None:
    started = time.monotonic()
    while (status := status_of(port, "/health/live")) != HTTPStatus.OK:
        waited = time.monotonic() - started
        if (code := server.poll()) is not None:
            raise CheckFailed(f"the server ended with exit code {code} before it answered")
        if status and status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise CheckFailed(f"GET /health/live should answer 200, and answered {status}")
        if waited > START_TIMEOUT:
            raise CheckFailed(f"/health/live did not answer 200 in {START_TIMEOUT:g} s; last: {status or 'no answer'}")
        time.sleep(0.05)
    transcript.say(f"GET /health/live: 200 after {time.monotonic() - started:.1f} s")


def _stop(server: subprocess.Popen[bytes], transcript: Transcript) -> None:
    started = time.monotonic()
    server.send_signal(signal.SIGTERM)
    try:
        code = server.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise CheckFailed(f"the server was still there {STOP_TIMEOUT:g} s after SIGTERM") from None
    transcript.say(f"SIGTERM: exit code {code} after {time.monotonic() - started:.1f} s")
    if code != 0:
        raise CheckFailed("a server that is told to stop should end with exit code 0")
    if leaves_something(server, LINGER):
        raise CheckFailed("the server has ended, but something that it had started has not")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
