"""Processes of servers: started on a free port, the same each time if possible, and stopped within a time limit."""

import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .account import Account
from .errors import ServerError

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
ATTEMPTS = 5
PORTS = range(20_000, 32_000)
"""Ports below those that systems use for outgoing connections, which could take a port before the server does."""

PORTS_TO_TRY = 20
PORT = "port"
"""File with the last port, in the folder of the server."""

PORT_TAKEN = "Address already in use"
"""Text in the log of a server that lost its port to another process before it started."""

ENGLISH = "C"
"""Locale of programs whose messages we read. With it, Python before 3.13 finds no path that is not ASCII."""

Process = subprocess.Popen[bytes]
Stream = int | IO[bytes] | None


@dataclass(frozen=True)
class Server:
    """Server to run. It must stay in the foreground and listen on `HOST`."""

    command: Callable[[int], Sequence[str]]
    """Function that returns the command line for a port."""

    ready: Callable[[Process, int], bool]
    """Check that this process, and not another one that got the port first, accepts connections."""

    stop: signal.Signals
    folder: Path
    """Working folder, which also has the log."""

    configuration: bytes = b""
    """Standard input of the server. A secret in its command line could be read by everybody."""

    account: Account | None = None


def spawn(
    command: Sequence[str],
    *,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = subprocess.DEVNULL,
    stderr: Stream = subprocess.STDOUT,
    cwd: Path | None = None,
    account: Account | None = None,
    locale: str | None = None,
) -> Process:
    """Start in a new session: Ctrl-C on the terminal reaches only us, and we stop what we started."""
    return subprocess.Popen(  # noqa: S603 - no shell, and programs that the project or its user chose
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env={**os.environ, "LC_ALL": locale} if locale else None,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
    )


def run(command: Sequence[str], *, cwd: Path, account: Account | None = None) -> str:
    """Return the output of the command.

    Raises `ServerError` with the output if the command fails.
    """
    process = spawn(command, stdout=subprocess.PIPE, cwd=cwd, account=account, locale=ENGLISH)
    try:
        output = process.communicate()[0].decode(errors="replace")
    finally:
        end(process, 0)  # after an interrupt, it must not continue in a folder that is being removed
    if process.returncode:
        raise ServerError(f"{command[0]} failed with status {process.returncode}:\n{output}")
    return output


@contextmanager
def running(server: Server) -> Iterator[int]:
    """Run the server for the block, and return its port. Raises `ServerError` with the end of its log if it fails."""
    log = server.folder / "log"
    for attempt in range(ATTEMPTS):
        port = (remembered_port(server.folder) if attempt == 0 else None) or free_port()
        with _launched(server, port, log) as process:
            if _becomes_ready(server, process, port):
                (server.folder / PORT).write_text(str(port))
                yield port
                return
        if PORT_TAKEN not in log.read_text(errors="replace"):
            break
    end_of_log = log.read_text(errors="replace")[-2000:].strip()
    raise ServerError(f"the server in {server.folder} did not start:\n{end_of_log}")


@contextmanager
def _launched(server: Server, port: int, log: Path) -> Iterator[Process]:
    with log.open("wb") as output, tempfile.TemporaryFile() as configuration:
        configuration.write(server.configuration)
        configuration.seek(0)
        process = spawn(
            server.command(port),
            stdin=configuration,
            stdout=output,
            cwd=server.folder,
            account=server.account,
            locale=ENGLISH,
        )
    try:
        yield process
    finally:
        process.send_signal(server.stop)  # our child: no other process gets its id until we have waited for it
        end(process, STOP_SECONDS)


def end(process: Process, patience: float) -> None:
    """Wait until it ends, and kill it after this time in seconds."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _becomes_ready(server: Server, process: Process, port: int) -> bool:
    """Check whether the server gets ready before it ends or the time is over."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if server.ready(process, port):
            return True
        time.sleep(0.01)
    return False


def remembered_port(folder: Path) -> int | None:
    """Return the last port, if there is one."""
    with suppress(OSError, ValueError):
        return int((folder / PORT).read_text())
    return None


def free_port() -> int:
    """Return a port of `PORTS` on which nothing listens. Raises `ServerError` if there is none."""
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise ServerError(f"no port is free on {HOST}, from {PORTS.start} to {PORTS.stop - 1}")


def first_free_port(host: str, port: int) -> int:
    """Return `port`, or the first one after it on which nothing listens.

    Raises `ServerError` if there is none nearby, or if `host` is not an address of this machine.
    """
    for candidate in range(port, min(port + PORTS_TO_TRY, 1 << 16)):
        try:
            with socket.create_server((host, candidate), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return candidate
        except OSError as error:
            problem = error
    why = str(problem.strerror).partition(" (while")[0]
    raise ServerError(f"cannot listen on {host}, port {port} or the next ones: {why}")
