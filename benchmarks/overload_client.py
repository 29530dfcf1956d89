"""Load generator: `python -m benchmarks.overload_client PORT PATH SECONDS CONNECTIONS [--rate N] [--fresh]`.

It is a separate process that uses only epoll, so that it can send more requests than a server can answer. Without a
rate, each connection sends the next request after each response. With a rate, requests start at this rate per second,
independent of the responses, while fewer than `CONNECTIONS` are open; if none is free, a request counts as `held` and
is not sent. `--fresh` makes a new connection for each request. The time of a request includes its connection. It prints
JSON.
"""

import argparse
import json
import select
import socket
import time
from collections import Counter, deque
from dataclasses import dataclass, field

GIVE_UP = 30.0
"""Seconds after the end in which responses still count."""


@dataclass(eq=False)
class Connection:
    socket: socket.socket
    asked: float = 0.0
    received: bytes = b""


@dataclass
class Load:
    port: int
    request: bytes
    connections: int
    rate: float | None
    fresh: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    refused_times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._poll = select.epoll()
        self._open: dict[int, Connection] = {}
        self._idle: deque[Connection] = deque()
        self._begun = self._stop = 0.0

    def run(self, warm_up: float, seconds: float) -> None:
        start = time.monotonic()
        self._begun, self._stop = start + warm_up, start + warm_up + seconds
        asked = 0
        if not self.rate:
            for _ in range(self.connections):
                self._ask()
        while (now := time.monotonic()) < self._stop + GIVE_UP and (now < self._stop or self._busy):
            if self.rate and now < self._stop:
                due = int((now - start) * self.rate) - asked
                free = self.connections - self._busy
                asked += due
                self.outcomes["held"] += max(0, due - free)
                for _ in range(min(due, free)):
                    self._ask()
            for number, event in self._poll.poll(0.002):
                if connection := self._open.get(number):
                    self._ready(connection, event)
        self.outcomes["unanswered"] += self._busy

    @property
    def _busy(self) -> int:
        return len(self._open) - len(self._idle)

    def _ask(self) -> None:
        now = time.monotonic()
        if self._idle:
            connection = self._idle.popleft()
            connection.asked = now
            self._send(connection)
        else:
            connection = Connection(socket.socket(), now)
            connection.socket.settimeout(0)
            connection.socket.connect_ex(("127.0.0.1", self.port))
            self._open[connection.socket.fileno()] = connection
            self._poll.register(connection.socket, select.EPOLLOUT)

    def _send(self, connection: Connection) -> None:
        connection.received = b""
        try:
            connection.socket.send(self.request)
        except OSError:
            self._end(connection, "failed")

    def _ready(self, connection: Connection, event: int) -> None:
        if event & select.EPOLLOUT:
            self._poll.modify(connection.socket, select.EPOLLIN)
            self._send(connection)
            return
        try:
            part = connection.socket.recv(65536)
        except OSError:
            part = b""
        connection.received += part
        head, found, body = connection.received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if found and len(body) >= int(length):
            status = head[9:12].decode()
            closing = self.fresh or b"connection: close" in head.lower()
            self._end(connection, status, again=not closing)
        elif not part and connection in self._idle:
            self._idle.remove(connection)  # closed by the server between two requests
            self._close(connection)
        elif not part:
            self._end(connection, "failed")

    def _end(self, connection: Connection, outcome: str, *, again: bool = False) -> None:
        now = time.monotonic()
        if connection.asked >= self._begun:
            self.outcomes[outcome] += 1
            times = {"200": self.times, "503": self.refused_times}.get(outcome, [])
            times.append(now - connection.asked)
        if again:
            self._idle.append(connection)
        else:
            self._close(connection)
        if not self.rate and now < self._stop:
            self._ask()

    def _close(self, connection: Connection) -> None:
        del self._open[connection.socket.fileno()]
        connection.socket.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("seconds", type=float)
    parser.add_argument("connections", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--warm-up", type=float, default=2.0)
    arguments = parser.parse_args()
    close = "Connection: close\r\n" if arguments.fresh else ""
    request = f"GET {arguments.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{close}\r\n".encode()
    load = Load(arguments.port, request, arguments.connections, arguments.rate, arguments.fresh)
    load.run(arguments.warm_up, arguments.seconds)
    print(json.dumps({**load.outcomes, "p99_ms": p99(load.times), "refused_p99_ms": p99(load.refused_times)}))


def p99(times: list[float]) -> int:
    return round(1000 * sorted(times)[int(len(times) * 0.99)]) if times else 0


if __name__ == "__main__":
    main()
