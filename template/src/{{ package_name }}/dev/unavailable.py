"""The application of `dev` while there is no other: it answers everybody what keeps that one from serving."""

import json
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

TRY_AGAIN_LATER = 1013
"""https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number."""


@dataclass(frozen=True)
class Unavailable:
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
