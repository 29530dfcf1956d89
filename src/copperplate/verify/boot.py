"""Serve the project as production would, ask it a few things, and stop it."""

from http import HTTPStatus

from copperplate.verify.bench import Bench
from copperplate.verify.results import CheckFailed
from copperplate.verify.serving import served, status_of
from copperplate.verify.transcript import Transcript

UNPUBLISHED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""What production may answer for its OpenAPI document instead of publishing it."""


def boot(bench: Bench, transcript: Transcript) -> None:
    with served(bench, transcript) as port:
        _expect(port, "/health/ready", {HTTPStatus.OK}, transcript)
        _expect(port, "/openapi.json", {HTTPStatus.OK, *UNPUBLISHED}, transcript)
        _expect(port, "/no-such-path", {HTTPStatus.NOT_FOUND}, transcript)


def _expect(port: int, path: str, allowed: set[HTTPStatus], transcript: Transcript) -> None:
    status = status_of(port, path)
    transcript.say(f"GET {path}: {status or 'no answer'}")
    if status not in allowed:
        raise CheckFailed(f"GET {path} should answer {' or '.join(str(int(status)) for status in sorted(allowed))}")
