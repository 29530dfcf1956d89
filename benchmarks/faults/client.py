"""HTTP client that records the result of each request. Each request has its own connection."""

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

HOST = "127.0.0.1"
GIVE_UP = 30.0
"""Seconds after which a request counts as never answered."""

OK, CREATED = 200, 201
NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    status: int
    """HTTP status; `NO_ANSWER` if the connection was reset, or nothing was received."""

    began: float
    ended: float
    body: bytes = b""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True)
class Sent:
    """Request that was sent, without its response."""

    began: float
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> Answer:
        response = b""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(GIVE_UP):
                response = await self.reader.read()
        self.writer.close()
        head, _, body = response.partition(b"\r\n\r\n")
        status = int(head.split()[1]) if head.startswith(b"HTTP/1.1 ") else NO_ANSWER
        return Answer(status, self.began, time.monotonic(), body)

    def leave(self) -> None:
        """Close the connection without waiting for the response."""
        self.writer.transport.abort()


Ask: TypeAlias = Callable[[int], Awaitable[Answer]]
"""Function that makes a request, given the number of requests before it."""


@dataclass(frozen=True)
class Client:
    port: int

    async def send(self, method: str, path: str, body: bytes = b"") -> Sent:
        """Send a request; raises `OSError` if no connection is possible."""
        began = time.monotonic()
        reader, writer = await asyncio.open_connection(HOST, self.port, limit=1 << 22)
        kind = "Content-Type: application/json\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{kind}Content-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)
        return Sent(began, reader, writer)

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        began = time.monotonic()
        try:
            sent = await self.send(method, path, body)
        except OSError:
            return Answer(NO_ANSWER, began, time.monotonic())
        return await sent.answer()

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def make(self, name: str) -> Answer:
        """Create an item."""
        return await self.ask("POST", "/items", json.dumps({"name": name, "price": "1.50"}).encode())

    async def new_item(self) -> str:
        """Create an item, and return its path."""
        return f"/items/{json.loads((await self.make(secrets.token_hex(8))).body)['id']}"


async def at_rate(ask: Ask, rate: float, seconds: float) -> list[Answer]:
    """Start requests at this rate per second, independent of their responses."""
    tasks: list[asyncio.Task[Answer]] = []
    start = time.monotonic()
    while (passed := time.monotonic() - start) < seconds:
        while len(tasks) < passed * rate:
            tasks.append(asyncio.ensure_future(ask(len(tasks))))
        await asyncio.sleep(0.002)
    return await asyncio.gather(*tasks)


async def at_once(ask: Ask, count: int) -> list[Answer]:
    return await asyncio.gather(*(ask(number) for number in range(count)))


def statuses(answers: Iterable[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def told(answers: Iterable[Answer]) -> str:
    """Summarise the responses, such as `90 × 200, 10 × 503`."""
    counted = sorted(statuses(answers).items())
    return ", ".join(f"{count} × {status or 'no answer'}" for status, count in counted) or "nothing"


def p99(answers: Sequence[Answer]) -> float:
    """Seconds."""
    return sorted(answer.seconds for answer in answers)[int(len(answers) * 0.99)]


def longest(answers: Iterable[Answer]) -> float:
    """Seconds."""
    return max((answer.seconds for answer in answers), default=0.0)
