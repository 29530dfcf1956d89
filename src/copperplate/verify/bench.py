"""The means that the checks of one verification share: a project, its environment, and servers once one needs them."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from copperplate import uv
from copperplate.progress import Progress, Silent, count
from copperplate.system import folders
from copperplate.verify import environment
from copperplate.verify.launch import launched, stop
from copperplate.verify.results import CheckFailed
from copperplate.verify.servers import Servers, open_servers
from copperplate.verify.target import Target
from copperplate.verify.transcript import Transcript

SERIES = Path(__file__).with_name("series.py")
EXAMPLES = Path(__file__).with_name("examples.py")

TIMEOUT = 300.0
"""Seconds that one command may take, unless its level says otherwise."""

_TICK = 0.3
"""Seconds between two looks at a program."""

_TAIL = 4096
"""Bytes of its output that tell how far it is."""

Counted = Callable[[bytes], tuple[int, int] | None]
"""Reads from the end of a program's output how many of its parts are done, and of how many."""


class Bench:
    """A context: on leaving it the servers have stopped and the scratch folder is gone."""

    def __init__(self, target: Target, progress: Progress | None = None) -> None:
        self.target = target
        self.progress = progress or Silent()
        self.env = environment.of_project(uv.environment())
        self.uv = str(uv.binary())
        self.meanwhile: Callable[[], None] = lambda: None
        """Is called again and again while a program runs, for what goes on in the background."""
        self.migrated = False
        """Whether the database of `servers` has been migrated by the project's own command."""
        self._open = ExitStack()
        self._servers: Servers | None = None

    def __enter__(self) -> Self:
        self.scratch = self._open.enter_context(folders.temporary())
        self._examples = self.scratch / "examples.json"
        self.env["COVERAGE_FILE"] = str(self.scratch / "coverage")
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def in_project(self, *command: str) -> tuple[str, ...]:
        """Prefix the command so that it runs in the project's environment as it stands."""
        if self.target.tools is not None:
            return (str(self.target.tools / "bin" / command[0]), *command[1:])
        return (self.uv, "run", "--no-sync", "--project", str(self.target.path), *command)

    def run(
        self,
        transcript: Transcript,
        *command: str,
        settings: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        counted: Counted | None = None,
    ) -> None:
        """Run `uv …`, or a program of the project's environment, in the project's folder.

        With `settings` it runs in the scratch folder instead, where no `.env` adds others. With `counted` the progress
        shows how much is done. Raises `CheckFailed` when it fails or takes more than `timeout` seconds.
        """
        if command[0] == "uv":
            transcript.begin(command)
            argv: tuple[str, ...] = (self.uv, *command[1:])
        else:
            transcript.begin(("uv", "run", *command))
            argv = self.in_project(*command)
        cwd = self.target.path if settings is None else self.scratch
        self._end(transcript, argv, cwd=cwd, settings=settings or {}, timeout=timeout, counted=counted)

    def run_beside(self, transcript: Transcript, *command: str) -> Iterator[None]:
        """Run a program as `run` does, and leave the time until it ends to others: each step is a look at it."""
        transcript.begin(("uv", "run", *command))
        argv = self.in_project(*command)
        with launched(argv, cwd=self.target.path, env=self.env, output=transcript.file) as process:
            deadline = time.monotonic() + TIMEOUT
            while (code := process.poll()) is None:
                if time.monotonic() >= deadline:
                    raise CheckFailed(f"stopped, since it had not ended after {TIMEOUT:g} s")
                yield
        if code != 0:
            raise CheckFailed(f"exit code {code}")

    def run_series(
        self,
        transcript: Transcript,
        commands: Sequence[Sequence[str]],
        *,
        modules: Sequence[str],
        settings: Mapping[str, str],
    ) -> None:
        """Run programs of the project's environment, which share the imports of its `modules`, until one fails.

        Raises `CheckFailed` as `run` does.
        """
        imported = [f"{self.target.package}.{module}" for module in modules]
        argv = self.in_project("python", str(SERIES), json.dumps(imported), json.dumps(commands))
        try:
            self._end(transcript, argv, cwd=self.scratch, settings=settings, timeout=TIMEOUT)
        finally:
            transcript.begun([("uv", "run", *command) for command in commands])

    def _end(  # noqa: PLR0913 - each says another thing about the one program
        self,
        transcript: Transcript,
        argv: Sequence[str],
        *,
        cwd: Path,
        settings: Mapping[str, str],
        timeout: float,
        counted: Counted | None = None,
    ) -> None:
        with launched(argv, cwd=cwd, env=self.env | dict(settings), output=transcript.file) as process:
            deadline = time.monotonic() + timeout
            while (code := _ended(process, deadline)) is None:
                self.meanwhile()
                if time.monotonic() >= deadline:
                    stop(process)
                    raise CheckFailed(f"stopped, since it had not ended after {timeout:g} s")
                if counted and (parts := counted(transcript.tail(_TAIL))):
                    count(self.progress, *parts)
        if code != 0:
            raise CheckFailed(f"exit code {code}")

    @property
    def write_examples(self) -> tuple[str, ...]:
        """The command after which `examples` need not start a program of their own."""
        return ("python", str(EXAMPLES), self.target.package, str(self._examples))

    def examples(self, transcript: Transcript) -> dict[str, str]:
        """Variables for the settings that the project requires of itself."""
        if not self._examples.exists():
            self.run(transcript, *self.write_examples, settings={})
        variables: dict[str, str] = json.loads(self._examples.read_text(encoding="utf-8"))
        return variables

    def servers(self, transcript: Transcript) -> Servers:
        """Give an empty PostgreSQL database and a Redis, opened at the first call and closed with the bench."""
        if self._servers is None:
            started = time.monotonic()
            self._servers = self._open.enter_context(
                open_servers(self.in_project, self.target.servers, env=self.env, cwd=self.scratch)
            )
            transcript.say(f"{self._servers.origin} ready after {time.monotonic() - started:.1f} s")
        return self._servers


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> int | None:
    """The exit code, if the process ends soon."""
    try:
        return process.wait(max(0.0, min(_TICK, deadline - time.monotonic())))
    except subprocess.TimeoutExpired:
        return None
