"""Serve the project as production would, ask it a few things, and stop it."""

import secrets
import signal
import socket
import subprocess
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from copperplate.verify.bench import Bench
from copperplate.verify.launch import launched
from copperplate.verify.results import CheckFailed
from copperplate.verify.transcript import Transcript

START_TIMEOUT = 30.0
"""Seconds in which `/health/live` must answer."""

STOP_TIMEOUT = 15.0
"""Seconds in which it must be gone after SIGTERM: the rendered default of its grace is 10 s."""

REQUEST_TIMEOUT = 5.0

UNPUBLISHED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""What production may answer for its OpenAPI document instead of publishing it."""

HOST = "127.0.0.1"


def boot(bench: Bench, transcript: Transcript) -> None:
    settings = {
        **bench.servers(transcript).settings,
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LOG_FORMAT": "json",
    }
    bench.run(transcript, bench.target.command, "migrate", settings=settings)
    port = _free_port()
    command = (bench.target.command, "serve", "--host", HOST, "--port", str(port))
    transcript.begin(("uv", "run", *command))
    with launched(
        bench.in_project(*command), cwd=bench.scratch, env=bench.env | settings, output=transcript.file
    ) as server:
        _wait_until_live(server, port, transcript)
        _expect(port, "/health/ready", {HTTPStatus.OK}, transcript)
        _expect(port, "/openapi.json", {HTTPStatus.OK, *UNPUBLISHED}, transcript)
        _expect(port, "/no-such-path", {HTTPStatus.NOT_FOUND}, transcript)
        _stop(server, transcript)


def _wait_until_live(server: subprocess.Popen[bytes], port: int, transcript: Transcript) -> None:
    started = time.monotonic()
    while (status := _status(port, "/health/live")) != HTTPStatus.OK:
        waited = time.monotonic() - started
        if (code := server.poll()) is not None:
            raise CheckFailed(f"the server ended with exit code {code} before it answered")
        if waited > START_TIMEOUT:
            raise CheckFailed(f"/health/live did not answer 200 in {START_TIMEOUT:g} s; last: {status or 'no answer'}")
        time.sleep(0.05)
    transcript.say(f"GET /health/live: 200 after {time.monotonic() - started:.1f} s")


def _expect(port: int, path: str, allowed: set[HTTPStatus], transcript: Transcript) -> None:
    status = _status(port, path)
    transcript.say(f"GET {path}: {status or 'no answer'}")
    if status not in allowed:
        raise CheckFailed(f"GET {path} should answer {' or '.join(str(int(status)) for status in sorted(allowed))}")


def _status(port: int, path: str) -> int | None:
    """Ask for `path`, and give the status of the answer, or None if there was none."""
    connection = HTTPConnection(HOST, port, timeout=REQUEST_TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


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


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
