"""Folders that belong to a living process."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing is locked, so nothing abandoned is recognised either
    fcntl = None  # type: ignore[assignment]

AVAILABLE = fcntl is not None


def lock(folder: Path) -> int | None:
    """Lock `folder` for as long as this process lives; None where another one holds it, or there are no locks."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
