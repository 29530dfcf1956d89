"""Boot of the project: start it as in production, send requests, and stop it."""

import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from copperplate.verify.results import CheckFailed
from copperplate.verify.servers import launch, leaves_something
from copperplate.verify.session import Log, Session

START_TIMEOUT = 30.0
"""Timeout in seconds for the answer of `/health/live`."""
STOP_TIMEOUT = 15.0
"""Timeout in seconds for its end after SIGTERM; the default of its grace is 10 s."""
LINGER = 2.0
"""Timeout in seconds for the end of its child processes after its own."""
REQUEST_TIMEOUT = 5.0

HOST = "127.0.0.1"


@contextmanager
def served(session: Session, log: Log, settings: Mapping[str, str] | None = None) -> Iterator[int]:
    """Migrate, serve with the production settings and `settings`, and yield the port; then stop the server."""
    production = {
        **session.examples(log),
        **session.servers(log).settings,
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LOG_FORMAT": "json",
        **(settings or {}),
    }
    if not session.migrated:
        session.run(log, session.target.command, "migrate", settings=production)
        session.migrated = True
    with reserved_port() as port:
        command = (session.target.command, "serve", "--host", HOST, "--port", str(port))
        log.begin(("uv", "run", *command))
        argv, env = session.in_project(*command), session.env | production
        with launch(argv, cwd=session.scratch, env=env, output=log.file) as server:
            _wait_until_live(server, port, log)
            yield port
            _stop(server, log)


def status_of(port: int, path: str) -> int | None:
    """Request `path`, and return the status of the response, or None if there was none."""
    return answer_of(port, path)[0]


def answer_of(port: int, path: str) -> tuple[int | None, bytes]:
    """Request `path`, and return the status and body of the response, or None if there was none."""
    connection = HTTPConnection(HOST, port, timeout=REQUEST_TIMEOUT)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return None, b""
    finally:
        connection.close()


def _wait_until_live(server: subprocess.Popen[bytes], port: int, log: Log) -> None:
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
    log.say(f"GET /health/live: 200 after {time.monotonic() - started:.1f} s")


def _stop(server: subprocess.Popen[bytes], log: Log) -> None:
    started = time.monotonic()
    server.send_signal(signal.SIGTERM)
    try:
        code = server.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise CheckFailed(f"the server was still there {STOP_TIMEOUT:g} s after SIGTERM") from None
    log.say(f"SIGTERM: exit code {code} after {time.monotonic() - started:.1f} s")
    if code != 0:
        raise CheckFailed("after SIGTERM, the server should end with exit code 0")
    if leaves_something(server, LINGER):
        raise CheckFailed("the server has ended, but a process that it had started has not")


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a free port, which the system gives to nobody else before the server of this process listens on it.

    Otherwise another server could answer in its place: on a busy machine the server needs seconds to start.
    """
    with socket.socket() as reservation:
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind((HOST, 0))
        port: int = reservation.getsockname()[1]
        try:
            socket.create_server((HOST, port)).close()
        except OSError:  # macOS lets nobody listen on a port that another socket is bound to
            reservation.close()
        yield port


UNPUBLISHED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""Statuses for the OpenAPI document in production, which may not publish it."""
READY = "/health/ready"
READY_TIMEOUT = 5.0
"""Timeout in seconds for 200 from `/health/ready`. On a busy machine, one probe may time out."""


def boot(session: Session, log: Log) -> None:
    with served(session, log) as port:
        _expect_ready(port, log)
        _expect(port, "/openapi.json", {HTTPStatus.OK, *UNPUBLISHED}, log)
        _expect(port, "/no-such-path", {HTTPStatus.NOT_FOUND}, log)


def _expect_ready(port: int, log: Log) -> None:
    """Expect that the server is ready, or only lacks servers of the project's own features, which do not run here."""
    deadline = time.monotonic() + READY_TIMEOUT
    while not _is_ready(*(answer := answer_of(port, READY))) and time.monotonic() < deadline:
        time.sleep(0.1)
    status, body = answer
    log.say(f"GET {READY}: {status or 'no answer'} {body.decode(errors='replace')}".rstrip())
    if not _is_ready(status, body):
        raise CheckFailed(f"GET {READY} should answer 200")


def _is_ready(status: int | None, body: bytes) -> bool:
    try:
        statuses = json.loads(body)
    except ValueError:
        statuses = None
    up = isinstance(statuses, dict) and all(statuses.get(server) == "up" for server in ("database", "redis"))
    return status == HTTPStatus.OK or up


def _expect(port: int, path: str, allowed: set[HTTPStatus], log: Log) -> None:
    status = status_of(port, path)
    log.say(f"GET {path}: {status or 'no answer'}")
    if status not in allowed:
        raise CheckFailed(f"GET {path} should answer {' or '.join(str(int(status)) for status in sorted(allowed))}")
