"""Snapshots of a folder, to compare it with itself later."""

import os
from pathlib import Path


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file, folder and link below `folder`, those that git ignores included, without git's own."""
    found = {}
    for parent, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *names):
            path = Path(parent) / name
            content = (
                os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            )
            found[path.relative_to(folder).as_posix()] = (path.lstat().st_mode, content)
    return found
