"""Session: the environment, servers, scratch folder and logs that the levels of one verification share."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from copperplate import uv
from copperplate.progress import Progress, Silent
from copperplate.system import folders
from copperplate.verify.results import CheckFailed, Target, TimedOut
from copperplate.verify.servers import EXTERNAL, IN_PROJECT, Servers, launch, open_servers


class Log:
    """Temporary file to which programs write directly, so that nothing is lost when one of them is killed."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by __exit__
        self.commands: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def begin(self, argv: Sequence[str]) -> None:
        """Record a command, as it would be typed."""
        self.commands.append(" ".join(argv))
        self.say(f"$ {self.commands[-1]}")

    def begun(self, commands: Sequence[Sequence[str]]) -> None:
        """Record those of the commands that a program reports as begun, one after another."""
        text, at = f"{self.text()}\n", 0
        for command in map(" ".join, commands):
            at = text.find(f"$ {command}\n", at) + 1
            if at == 0:
                break
            self.commands.append(command)

    def say(self, line: str) -> None:
        self.file.write(f"{line}\n".encode())

    def tail(self, size: int) -> bytes:
        """Return the last bytes, also while a program writes. It shares the file's position, which must not move."""
        descriptor = self.file.fileno()
        return os.pread(descriptor, size, max(0, os.fstat(descriptor).st_size - size))

    def text(self) -> str:
        self.file.seek(0)
        return self.file.read().decode(errors="replace").rstrip()


SETTINGS = ("DATABASE_", "REDIS_", "API_", "LOG_", "SECRET_KEY", "ENVIRONMENT")
"""Settings of the rendered backend, which its tests must not take from the user's shell."""
TOOLS = ("ALEMBIC_", "COVERAGE_", "COV_CORE_", "HYPOTHESIS_", "MYPY", "PYTEST_", "PYTHON", "RUFF_", "SCHEMATHESIS_")
"""Variables that override the tool settings in the project's `pyproject.toml`."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Hosts without a proxy: requests to the server under test are direct."""


def project_environment(machine: Mapping[str, str]) -> dict[str, str]:
    """Return variables for the programs that check a project."""
    kept = {name: value for name, value in machine.items() if not name.startswith(SETTINGS + TOOLS)}
    direct = ",".join(filter(None, (kept.get("no_proxy", kept.get("NO_PROXY")), *LOOPBACK)))
    return kept | {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "no_proxy": direct, "NO_PROXY": direct}


TIMEOUT = 300.0
"""Timeout in seconds for one command, unless its level sets another."""
_TICK = 0.3
"""Seconds between two checks of a running program."""
_TAIL = 4096
"""Bytes at the end of its output that show the progress."""
Counted = Callable[[bytes], tuple[int, int] | None]
"""Function that reads the numbers of finished and of all parts from the end of a program's output."""


class Session:
    """Context that stops the servers and removes the scratch folder on exit."""

    def __init__(self, target: Target, progress: Progress | None = None) -> None:
        self.target = target
        self.progress = progress or Silent()
        self.env = project_environment(uv.environment())
        self.uv = str(uv.binary())
        self.meanwhile: Callable[[], None] = lambda: None
        """Called repeatedly while a program runs, for levels in the background."""
        self.migrated = False
        """True if the project's own command has migrated the database of `servers`."""
        self.tested: list[str] = []
        """Tests of the project that a level has run, so that `tests` need not run them again."""
        self._open = ExitStack()
        self._servers: Servers | None = None

    def __enter__(self) -> Self:
        self.scratch = self._open.enter_context(folders.temporary())
        self._examples = self.scratch / "examples.json"
        self.env["COVERAGE_FILE"] = str(self.scratch / "coverage")
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def shares_redis(self) -> bool:
        """True if every run of the project's tests uses the same Redis, so that no two may run at once."""
        return bool(self.env.get(EXTERNAL["REDIS_URL"]))

    def in_project(self, *command: str) -> tuple[str, ...]:
        """Prefix the command, so that it runs in the project's environment without changing it."""
        if self.target.tools is not None:
            return (str(self.target.tools / "bin" / command[0]), *command[1:])
        return (self.uv, "run", "--no-sync", "--project", str(self.target.path), *command)

    def run(
        self,
        log: Log,
        *command: str,
        settings: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        counted: Counted | None = None,
    ) -> None:
        """Run `uv …`, or a program of the project's environment, in the project's folder.

        With `settings` it runs in the scratch folder, where no `.env` adds other settings. With `counted` the progress
        shows how much is done. Raises `CheckFailed` if it fails or takes more than `timeout` seconds.
        """
        if command[0] == "uv":
            log.begin(command)
            argv: tuple[str, ...] = (self.uv, *command[1:])
        else:
            log.begin(("uv", "run", *command))
            argv = self.in_project(*command)
        cwd = self.target.path if settings is None else self.scratch
        self._end(log, argv, cwd=cwd, settings=settings or {}, timeout=timeout, counted=counted)

    def run_beside(self, log: Log, *command: str, timeout: float = TIMEOUT) -> Generator[None]:
        """Run a program as `run` does, beside other work: each step of the iterator checks it once."""
        log.begin(("uv", "run", *command))
        argv = self.in_project(*command)
        with launch(argv, cwd=self.target.path, env=self.env, output=log.file) as process:
            deadline = time.monotonic() + timeout
            while (code := process.poll()) is None:
                if time.monotonic() >= deadline:
                    raise TimedOut(timeout)
                yield
        if code != 0:
            raise CheckFailed(f"exit code {code}")

    def run_series(
        self, log: Log, commands: Sequence[Sequence[str]], *, modules: Sequence[str], settings: Mapping[str, str]
    ) -> None:
        """Run programs, which share the imports of `modules`, until one fails; raises `CheckFailed` as `run` does."""
        imported = [f"{self.target.package}.{module}" for module in modules]
        argv = self.in_project("python", str(IN_PROJECT), "series", json.dumps(imported), json.dumps(commands))
        try:
            self._end(log, argv, cwd=self.scratch, settings=settings, timeout=TIMEOUT)
        finally:
            log.begun([("uv", "run", *command) for command in commands])

    def _end(  # noqa: PLR0913 - each says another thing about the one program
        self,
        log: Log,
        argv: Sequence[str],
        *,
        cwd: Path,
        settings: Mapping[str, str],
        timeout: float,
        counted: Counted | None = None,
    ) -> None:
        with launch(argv, cwd=cwd, env=self.env | dict(settings), output=log.file) as process:
            deadline = time.monotonic() + timeout
            while (code := _ended(process, deadline)) is None:
                self.meanwhile()
                if time.monotonic() >= deadline:
                    raise TimedOut(timeout)
                if counted and (parts := counted(log.tail(_TAIL))):
                    self.progress.count(*parts)
        if code != 0:
            raise CheckFailed(f"exit code {code}")

    @property
    def write_examples(self) -> tuple[str, ...]:
        """Return a command that writes the examples, so that `examples` need not start a program."""
        return ("python", str(IN_PROJECT), "examples", self.target.package, str(self._examples))

    def examples(self, log: Log) -> dict[str, str]:
        """Return variables for the settings that the project requires."""
        if not self._examples.exists():
            self.run(log, *self.write_examples, settings={})
        variables: dict[str, str] = json.loads(self._examples.read_text(encoding="utf-8"))
        return variables

    def servers(self, log: Log) -> Servers:
        """Return an empty PostgreSQL database and a Redis, opened at the first call and closed with the session."""
        if self._servers is None:
            started = time.monotonic()
            opened = open_servers(self.in_project, self.target.servers, env=self.env, cwd=self.scratch)
            self._servers = self._open.enter_context(opened)
            log.say(f"{self._servers.origin} ready after {time.monotonic() - started:.1f} s")
        return self._servers


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> int | None:
    """Return the exit code if the process ends soon."""
    try:
        return process.wait(max(0.0, min(_TICK, deadline - time.monotonic())))
    except subprocess.TimeoutExpired:
        return None
