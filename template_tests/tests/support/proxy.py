"""A TCP proxy that fails on demand, in a process of its own: it goes on failing while the tests keep this one busy.

As a program it listens on a free port of 127.0.0.1, prints that port, and obeys one command a line, each answered with
the same line. At the end of its input it ends, and so it never outlives the tests.
"""

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
CHUNK = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST instead of FIN."""


class Proxy:
    """The proxy as the tests see it. A fault lasts until the next one, or until `forward`."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url

    async def forward(self) -> None:
        """Be no hindrance, and let go of what a black hole has held back."""
        await self._command("forward")

    async def delay(self, seconds: float) -> None:
        """Hold each chunk back for a while, in both directions."""
        await self._command(f"delay {seconds}")

    async def black_hole(self) -> None:
        """Accept connections and whatever comes through them, and answer nothing."""
        await self._command("black_hole")

    async def refuse(self) -> None:
        """Reset every connection and accept none."""
        await self._command("refuse")

    async def reset(self) -> None:
        """Reset every connection, once."""
        await self._command("reset")

    async def lead_to(self, url: str) -> None:
        """Forward new connections to another server, as after a failover; those that exist stay as they are."""
        parts = urlsplit(url)
        await self._command(f"lead_to {parts.hostname} {parts.port}")

    async def _command(self, line: str) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n".encode())
        assert (await self._process.stdout.readline()).decode() == f"{line}\n"


@asynccontextmanager
async def open_proxy(url: str) -> AsyncIterator[Proxy]:
    """Stand between the tests and the server at `url`: the same URL by way of the proxy is its `url`."""
    parts = urlsplit(url)
    pipe = asyncio.subprocess.PIPE
    arguments = (__file__, str(parts.hostname), str(parts.port))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
    assert process.stdin
    assert process.stdout
    try:
        port = int(await process.stdout.readline())
        credentials, at, _ = parts.netloc.rpartition("@")
        yield Proxy(process, parts._replace(netloc=f"{credentials}{at}{LOOPBACK}:{port}").geturl())
    finally:
        process.stdin.close()
        await process.wait()


class _Server:
    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._delay = 0.0
        self._open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    async def obey(self, command: str, *arguments: str) -> None:
        if command in {"refuse", "reset"}:
            self._reset()
        if command == "lead_to":
            self._target = arguments[0], int(arguments[1])
        if command in {"reset", "lead_to"}:
            return
        self._delay = float(arguments[0]) if arguments else 0.0
        if command == "black_hole":
            self._open.clear()
        else:
            self._open.set()
        if command != "refuse":
            await self.listen()
        elif self._listener:
            self._listener.close()
            self._listener = None

    async def listen(self) -> int:
        """Return the port, which is any that is free the first time and stays the same."""
        if not self._listener:
            self._listener = await asyncio.start_server(self._accept, LOOPBACK, self._port)
            self._port = self._listener.sockets[0].getsockname()[1]
        return self._port

    def _reset(self) -> None:
        for writer in self._writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        with suppress(asyncio.CancelledError):  # at the end of the program; asyncio would report it as an error
            await asyncio.gather(self._pump(reader, server_writer), self._pump(server_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await asyncio.sleep(self._delay)
                await self._open.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)


async def _main(host: str, port: str) -> None:
    server = _Server(host, int(port))
    await server.obey("forward")
    _say(f"{await server.listen()}\n")
    while line := await asyncio.to_thread(sys.stdin.readline):
        await server.obey(*line.split())
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
