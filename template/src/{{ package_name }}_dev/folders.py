"""Folders of servers: a scratch folder that goes with the server, or one that stays."""

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
"""Bytes. Docker's default of 64 MiB is too small for a database."""

STATE = Path("/var/lib")

LOCK_PATIENCE = 3.0
"""Seconds. Servers whose owner was just killed need a moment to save and let go."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where there is room, else on disk; removed at the end."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    with tempfile.TemporaryDirectory(prefix="servers-", dir=MEMORY if roomy else None) as folder:
        yield Path(folder)


@contextmanager
def kept(folder: Path) -> Iterator[Path]:
    """`folder`, for us alone, and ignored by git.

    Raises `ServerError` if another process has it.
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
    """Whether a process has this kept folder."""
    with suppress(FileNotFoundError), (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def password(folder: Path) -> str:
    """That of the server in this folder, made at the first time."""
    file = folder / "password"
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()


def project_folder() -> Path:
    """Of the `pyproject.toml` above this file, or else where we are."""
    return next((folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file()), Path.cwd())


def home(project: Path) -> Path:
    """Where the servers of `dev` keep their data: `.dev` in the project.

    For root below a closed home, where PostgreSQL's account cannot go, it is a folder of the project's own in `STATE`.
    """
    if unprivileged() and not open_to_all(project):
        return STATE / f"{project.name}-{hashlib.sha256(bytes(project)).hexdigest()[:12]}"
    return project / ".dev"


def make_home(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if unprivileged():
        folder.chmod(0o711)  # whatever the umask: PostgreSQL's account must pass through
