"""Private PostgreSQL server."""

import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import account, folders
from .account import Account
from .binaries import postgres_programs
from .errors import ServerError
from .process import HOST, Process, Server, run, running

USER = "postgres"

THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings of a throw-away server: nothing has to survive a crash, so nothing waits for a disk."""

BUILTIN_LOCALE_SINCE = 17

SPECIAL = re.compile(r'["$`\\\n]')
"""Characters that the shell would interpret: `initdb` runs `postgres` by its path between double quotes."""


@dataclass(frozen=True)
class Cluster:
    """Files and settings of one server: the cluster that `initdb` makes and `postgres` runs."""

    programs: Path
    folder: Path
    account: Account | None
    settings: tuple[str, ...]

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    def run(self, program: str, *arguments: str) -> str:
        return run([str(self.programs / program), *arguments], cwd=self.folder, account=self.account)


@contextmanager
def postgres_server(data: Path | None = None) -> Iterator[str]:
    """Return the URL of a PostgreSQL that is a child of this process; without `data`, its files are removed.

    Raises `ServerError` if there is no program, if another process has `data`, or if the server does not start.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(folders.kept(data) if data else folders.scratch())
        user = account.unprivileged()
        if user:
            user.take_ownership(folder)
            if not account.open_to_all(folder.parent):
                raise ServerError(f"PostgreSQL does not run as root, and no other account can reach {folder}")
        programs = postgres_programs()
        if SPECIAL.search(f"{programs}{programs.resolve()}") or (user and not _can_run(programs, folder, user)):
            copy = stack.enter_context(tempfile.TemporaryDirectory(prefix="postgres-"))
            programs = account.copy_for_all(programs, Path(copy))
        cluster = Cluster(programs, folder, user, settings=() if data else THROW_AWAY)
        _prepare(cluster)
        yield url(folder, stack.enter_context(running(_server(cluster))))


def url(folder: Path, port: int) -> str:
    """Return the URL of the server that has its files in this folder."""
    return f"postgresql+asyncpg://{USER}:{folders.password(folder)}@{HOST}:{port}/postgres"


def _can_run(programs: Path, folder: Path, user: Account) -> bool:
    """Check that the account can run the programs: a virtual environment below a home of mode 0700 is closed to it."""
    try:
        run([str(programs / "postgres"), "--version"], cwd=folder, account=user)
    except PermissionError:
        return False
    return True


def _prepare(cluster: Cluster) -> None:
    """Make the cluster if there is none. An unfinished cluster never has the final name."""
    major = int(re.findall(r"\d+", cluster.run("postgres", "--version"))[0])
    if cluster.data.exists():
        found = int((cluster.data / "PG_VERSION").read_text())
        if found != major:
            made_by = f"{cluster.folder} was made by PostgreSQL {found}, and this is {major}"
            raise ServerError(f"{made_by}\nremove it to start anew")
        return
    folders.password(cluster.folder)
    password = cluster.folder / "password"
    if cluster.account:
        cluster.account.take_ownership(password)
    unfinished = cluster.folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unicode = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if major >= BUILTIN_LOCALE_SINCE else ()
    cluster.run(
        "initdb",
        *("-D", str(unfinished), "-U", USER, f"--pwfile={password}", "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale=C", *unicode, "--no-instructions", "--no-sync", "--wal-segsize=1"),
    )
    unfinished.rename(cluster.data)


def _server(cluster: Cluster) -> Server:
    settings = (f"listen_addresses={HOST}", "unix_socket_directories=", "timezone=UTC", *cluster.settings)
    options = [option for setting in settings for option in ("-c", setting)]
    postgres = str(cluster.programs / "postgres")

    def ready(process: Process, _port: int) -> bool:
        """Check the server's own file: its first line is the process id, its last line the state."""
        with suppress(OSError, IndexError):
            lines = (cluster.data / "postmaster.pid").read_bytes().splitlines()
            return int(lines[0]) == process.pid and lines[-1].strip() == b"ready"
        return False

    return Server(
        command=lambda port: [postgres, "-D", str(cluster.data), "-p", str(port), *options],
        ready=ready,
        # "Fast" saves, and does not wait for clients to disconnect; "immediate" does not save.
        stop=signal.SIGQUIT if cluster.settings else signal.SIGINT,
        folder=cluster.folder,
        account=cluster.account,
    )
