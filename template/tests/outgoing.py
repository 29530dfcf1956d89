"""Requests of the application to other APIs: a test sets the responses, and no request leaves this machine.

    outgoing.answer("POST", "https://payments.example/charges", 201, {"id": "1"})
    ...
    assert [request.method for request in outgoing.requests] == ["POST"]

A request without a response fails as if no server listened there. This holds for every `httpx2.AsyncClient`.
"""

import json
from collections.abc import Callable

import pytest
from httpx2 import AsyncHTTPTransport, ConnectError, Request, Response

THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}

type Handler = Callable[[Request], Response]


class Outgoing:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._handlers: dict[tuple[str, str], Handler] = {}

    def answer(self, method: str, url: str, status: int = 200, body: object = None) -> None:
        """Answer with this JSON from now on, for every query."""
        content = json.dumps(body)
        self.handle(method, url, lambda _: Response(status, headers={"Content-Type": "application/json"}, text=content))

    def handle(self, method: str, url: str, handler: Handler) -> None:
        """Answer with the result of `handler`, which may raise errors of httpx2."""
        self._handlers[method, url] = handler

    async def receive(self, request: Request) -> Response:
        await request.aread()
        self.requests.append(request)
        asked = request.method, str(request.url.copy_with(query=None))
        if asked not in self._handlers:
            raise ConnectError(f"no test answers {' '.join(asked)}")
        return self._handlers[asked](request)


@pytest.fixture(autouse=True)
def outgoing(monkeypatch: pytest.MonkeyPatch) -> Outgoing:
    outgoing, send = Outgoing(), AsyncHTTPTransport.handle_async_request

    async def handle(transport: AsyncHTTPTransport, request: Request) -> Response:
        return await (send(transport, request) if request.url.host in THIS_MACHINE else outgoing.receive(request))

    monkeypatch.setattr(AsyncHTTPTransport, "handle_async_request", handle)
    return outgoing
