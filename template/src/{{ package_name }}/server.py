"""HTTP server: uvicorn, changed so that it accepts, refuses and stops well under load."""

import asyncio
import socket
import time
from functools import partial
from typing import Any, Protocol

import structlog
import uvicorn
from uvicorn.supervisors import multiprocess

from .http_protocol import MAX_HEAD_BYTES, HttpProtocol

ACCEPTED_AT_ONCE, REFUSED_AT_ONCE = 64, 512
"""Most connections in one turn of the event loop: connections that are open need turns as well."""

PAUSE = 1.0
"""Pause in seconds before new connections are accepted again, after the process ran out of file descriptors."""

SETTLE = 0.1
"""Time in seconds in which the requests that were sent before the stop are read."""

MORE = getattr(socket, "MSG_MORE", 0)
"""Flag of Linux that sends the refusal and the end of the connection in one packet."""

log = structlog.get_logger()


class LoadShedding(Protocol):
    """Interface of the application for the server, in the lifespan state."""

    def overloaded(self, arriving: int) -> bool: ...

    def early_refusal(self, request: bytes) -> bytes | None: ...

    def drain(self) -> None: ...


class Server(uvicorn.Server):
    """Server that accepts many connections in a turn of its loop, where uvloop accepts one.

    The others would wait in the kernel's queue, where they cannot be refused. Under overload, a new connection is
    refused before any object is made for it, at less than a tenth of the cost of serving it.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])  # opens the application's resources, and does not listen yet
        self._load_shedding: LoadShedding = self.lifespan.state["load_shedding"]
        self._opening: set[asyncio.Task[Any]] = set()
        for listener in sockets or []:
            listener.settimeout(0)
            if hasattr(socket, "TCP_DEFER_ACCEPT"):  # a connection is accepted when its request is there
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
            listener.listen(self.config.backlog)
            self._listen(listener)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve the requests that were sent before the stop: accept the kernel's queue, and read what has arrived."""
        self._load_shedding.drain()
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener)
            while self._accept(listener):
                pass
            listener.close()
        await asyncio.sleep(SETTLE)
        await super().shutdown()
        if self.force_exit:  # after a second Ctrl-C, uvicorn leaves requests in flight and open resources to the loop
            for task in self.server_state.tasks:
                task.cancel()
            await self.lifespan.shutdown()

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, HttpProtocol):
                    connection.close_if_late(now)
        return await super().on_tick(counter)

    def _listen(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> bool:
        """Accept or refuse connections. Return True if there may be more."""
        loop = asyncio.get_running_loop()
        accepted = refused = 0
        while accepted < ACCEPTED_AT_ONCE and refused < REFUSED_AT_ONCE:
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                return False
            except ConnectionError:  # the client has disconnected already
                continue
            except OSError as error:
                log.warning("cannot accept connections", error=str(error))
                loop.remove_reader(listener)
                loop.call_later(PAUSE, self._listen, listener)
                return False
            overloaded = self._load_shedding.overloaded(len(self._opening))
            if overloaded and self._refuse(connection):
                refused += 1
            else:
                accepted += 1
                connection.settimeout(0)
                protocol = partial(self._protocol, overloaded=overloaded)
                opening = loop.create_task(loop.connect_accepted_socket(protocol, connection))
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)
        return True

    def _refuse(self, connection: socket.socket) -> bool:
        try:
            request = connection.recv(MAX_HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            refusal = self._load_shedding.early_refusal(request)
            if refusal is None:
                return False
            connection.recv(len(request))  # unread bytes would reset the connection, and the refusal would be lost
            connection.send(refusal, MORE | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            pass
        connection.close()
        return True

    def _protocol(self, *, overloaded: bool) -> asyncio.Protocol:
        protocol = HttpProtocol(self.config, self.server_state, self.lifespan.state)
        protocol.is_accepted = not overloaded
        return protocol


class Worker(multiprocess.Process):
    """Process that shares the listening socket with others."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = Server(self.config)
        return self._server


def run(config: uvicorn.Config) -> None:
    sockets = [config.bind_socket()]
    if config.workers == 1:
        Server(config).run(sockets)
    else:
        multiprocess.Process = Worker  # type: ignore[misc] # uvicorn has no setting for it
        multiprocess.Multiprocess(config, sockets).run()
