"""Folders of servers: a scratch folder that is removed with the server, or one that is kept."""

import fcntl
import hashlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from .account import open_to_all, unprivileged
from .errors import ServerError

MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
MEMORY_NEEDED = 1 << 30
"""Least free memory in bytes. Docker's default of 64 MiB is too small for a database."""

STATE = Path("/var/lib")

LOCK_PATIENCE = 3.0
"""Time in seconds to wait for a lock. After its owner is killed, a server needs a moment to save and end."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder in memory if there is room, else on disk. It is removed at the end."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    with tempfile.TemporaryDirectory(prefix="servers-", dir=MEMORY if roomy else None) as folder:
        yield Path(folder)


@contextmanager
def kept(folder: Path) -> Iterator[Path]:
    """Lock and return `folder`, which git ignores.

    Raises `ServerError` if another process has locked it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    with (folder / "lock").open("a") as lock:
        _acquire(lock, folder)
        yield folder


def _acquire(lock: TextIO, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                advice = "stop it, or set DATABASE_URL and REDIS_URL"
                raise ServerError(f"another `dev` is using {folder}\n{advice}") from None
            time.sleep(0.05)
        else:
            return


def in_use(folder: Path) -> bool:
    """Check whether a process has locked this kept folder."""
    with suppress(FileNotFoundError), (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def password(folder: Path) -> str:
    """Return the password of the server in this folder. The first call makes it."""
    file = folder / "password"
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()


def project_folder() -> Path:
    """Return the folder of the `pyproject.toml` above this file, else the current folder."""
    return next((folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file()), Path.cwd())


def home(project: Path) -> Path:
    """Return the folder in which the servers of `dev` keep their data: `.dev` in the project.

    If root runs it below a closed home, PostgreSQL's account cannot reach that. Then it is a folder in `STATE`, one for
    each project.
    """
    if unprivileged() and not open_to_all(project):
        return STATE / f"{project.name}-{hashlib.sha256(bytes(project)).hexdigest()[:12]}"
    return project / ".dev"


def make_home(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if unprivileged():
        folder.chmod(0o711)  # independent of the umask: PostgreSQL's account must pass through
