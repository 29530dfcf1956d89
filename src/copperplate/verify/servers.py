"""A PostgreSQL database and a Redis for one verification: private servers, or those that TEST_*_URL name."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from copperplate.verify.launch import GRACE, launched
from copperplate.verify.results import CheckFailed

START_TIMEOUT = 60.0
"""Seconds in which the servers must accept connections; 1 s is usual."""

BORROW = Path(__file__).with_name("borrow.py")

EXTERNAL = {"DATABASE_URL": "TEST_DATABASE_URL", "REDIS_URL": "TEST_REDIS_URL"}
"""The setting, and the variable that names a server to use for it in tests."""


@dataclass(frozen=True, slots=True)
class Servers:
    settings: Mapping[str, str]
    """`DATABASE_URL` and `REDIS_URL`, as the project reads them."""

    origin: str


@contextmanager
def open_servers(
    in_project: Callable[..., Sequence[str]], private: str, *, env: Mapping[str, str], cwd: Path
) -> Iterator[Servers]:
    """Open both, empty, until the context is left; `private` is the project's module that starts its own.

    Raises `CheckFailed`, with what the servers said, when they do not start.
    """
    borrowed = {setting for setting, variable in EXTERNAL.items() if env.get(variable)}
    settings: dict[str, str] = {}
    origins = []
    with ExitStack() as stack:
        if borrowed != EXTERNAL.keys():
            starter = in_project("python", "-m", private)
            settings |= stack.enter_context(_speaking(starter, set(EXTERNAL), env=env, cwd=cwd))
            origins.append("private servers")
        if borrowed:
            borrower = in_project("python", str(BORROW))
            settings |= stack.enter_context(_speaking(borrower, borrowed, env=env, cwd=cwd))
            origins.append("borrowed servers")
        yield Servers(settings, " and ".join(origins))


@contextmanager
def _speaking(argv: Sequence[str], names: set[str], *, env: Mapping[str, str], cwd: Path) -> Iterator[dict[str, str]]:
    """Run a program that prints `NAME=URL` lines once it is ready, and cleans up when its standard input ends.

    That end reaches it also when this process is killed outright.
    """
    with (
        tempfile.TemporaryFile() as said,
        launched(argv, cwd=cwd, env=env, output=said, stdin=subprocess.PIPE) as process,
    ):
        try:
            deadline = time.monotonic() + START_TIMEOUT
            while not names <= (settings := _settings(said)).keys():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise CheckFailed(f"the servers did not start\n{_text(said)}".rstrip())
                time.sleep(0.02)
            yield settings
        finally:
            if process.stdin:
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)


def _settings(said: IO[bytes]) -> dict[str, str]:
    complete, _, _ = _text(said).rpartition("\n")
    return dict(line.split("=", 1) for line in complete.splitlines() if "=" in line)


def _text(said: IO[bytes]) -> str:
    """Read what has been said, leaving the file's position, which the program shares, where it is."""
    return os.pread(said.fileno(), 1024 * 1024, 0).decode(errors="replace")
