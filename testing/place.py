"""Temporary folder with its own git settings, for projects."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GIT = "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n"


@contextmanager
def place(*, in_memory: bool = True) -> Iterator[Path]:
    """Make the folder, in memory if possible: tens of thousands of commits need no disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    there = memory if in_memory and memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="copperplate-prove-", dir=there) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL refuses root: its servers run under another account
        settings = Path(folder) / "gitconfig"
        settings.write_text(_GIT)
        os.environ |= {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1", "TMPDIR": folder}
        yield Path(folder)
