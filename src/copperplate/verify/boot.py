"""Serve the project as production would, ask it a few things, and stop it."""

import time
from http import HTTPStatus

from copperplate.verify.bench import Bench
from copperplate.verify.results import CheckFailed
from copperplate.verify.serving import served, status_of
from copperplate.verify.transcript import Transcript

UNPUBLISHED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""What production may answer for its OpenAPI document instead of publishing it."""

READY_TIMEOUT = 5.0
"""Seconds in which `/health/ready` must answer 200. On a busy machine one probe may time out."""


def boot(bench: Bench, transcript: Transcript) -> None:
    with served(bench, transcript) as port:
        _expect(port, "/health/ready", {HTTPStatus.OK}, transcript, within=READY_TIMEOUT)
        _expect(port, "/openapi.json", {HTTPStatus.OK, *UNPUBLISHED}, transcript)
        _expect(port, "/no-such-path", {HTTPStatus.NOT_FOUND}, transcript)


def _expect(port: int, path: str, allowed: set[HTTPStatus], transcript: Transcript, *, within: float = 0.0) -> None:
    deadline = time.monotonic() + within
    while (status := status_of(port, path)) not in allowed and time.monotonic() < deadline:
        time.sleep(0.1)
    transcript.say(f"GET {path}: {status or 'no answer'}")
    if status not in allowed:
        raise CheckFailed(f"GET {path} should answer {' or '.join(str(int(status)) for status in sorted(allowed))}")
