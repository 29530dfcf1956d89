"""Serve the project as production would, ask it a few things, and stop it."""

import json
import time
from http import HTTPStatus

from copperplate.verify.bench import Bench
from copperplate.verify.results import CheckFailed
from copperplate.verify.serving import answer_of, served, status_of
from copperplate.verify.transcript import Transcript

UNPUBLISHED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""What production may answer for its OpenAPI document instead of publishing it."""

READY = "/health/ready"
READY_TIMEOUT = 5.0
"""Seconds in which `/health/ready` must answer 200. On a busy machine one probe may time out."""


def boot(bench: Bench, transcript: Transcript) -> None:
    with served(bench, transcript) as port:
        _expect_ready(port, transcript)
        _expect(port, "/openapi.json", {HTTPStatus.OK, *UNPUBLISHED}, transcript)
        _expect(port, "/no-such-path", {HTTPStatus.NOT_FOUND}, transcript)


def _expect_ready(port: int, transcript: Transcript) -> None:
    """Ready, or not only for want of what the project itself requires besides: those servers are not here."""
    deadline = time.monotonic() + READY_TIMEOUT
    while not _is_ready(*(answer := answer_of(port, READY))) and time.monotonic() < deadline:
        time.sleep(0.1)
    status, body = answer
    transcript.say(f"GET {READY}: {status or 'no answer'} {body.decode(errors='replace')}".rstrip())
    if not _is_ready(status, body):
        raise CheckFailed(f"GET {READY} should answer 200")


def _is_ready(status: int | None, body: bytes) -> bool:
    try:
        statuses = json.loads(body)
    except ValueError:
        statuses = None
    up = isinstance(statuses, dict) and all(statuses.get(server) == "up" for server in ("database", "redis"))
    return status == HTTPStatus.OK or up


def _expect(port: int, path: str, allowed: set[HTTPStatus], transcript: Transcript) -> None:
    status = status_of(port, path)
    transcript.say(f"GET {path}: {status or 'no answer'}")
    if status not in allowed:
        raise CheckFailed(f"GET {path} should answer {' or '.join(str(int(status)) for status in sorted(allowed))}")
