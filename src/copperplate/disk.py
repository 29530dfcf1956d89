"""Errors of the disk in plain words: what cannot be read or written, and what to do."""

import errno
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from copperplate.errors import RefusedError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_TOO_LARGE = {errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}
_CHANGED = {errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR}
_HARDLY_ANY = 1024 * 1024
"""Bytes that are left on a disk which was full, when a program has removed what it could not finish."""
_OF_PROGRAMS: Mapping[str, int] = {
    "No space left on device": errno.ENOSPC,
    "Out of diskspace": errno.ENOSPC,  # git's own words
    "Disk quota exceeded": errno.EDQUOT,
    "File too large": errno.EFBIG,
    "Read-only file system": errno.EROFS,
    "Permission denied": errno.EACCES,
    "insufficient permission": errno.EACCES,  # git's own words
}
"""What programs say, in English as they are asked to, where the disk is the reason."""


def is_reason(error: OSError) -> bool:
    """Whether the disk or its permissions are the reason, and no fault of this program."""
    return error.errno in _FULL | _TOO_LARGE | _FORBIDDEN


def refused(error: OSError, place: Path, then: str) -> RefusedError:
    """The error where it was about `place`, unless it names a file; `then` is what to do after its cause is gone."""
    return _refused(error.errno or 0, error.filename or place, error.strerror or str(error), then)


def refused_to(program: str, place: Path, code: int, complaints: str) -> RefusedError | None:
    """The error if the disk is the reason why a program that writes in `place` has failed."""
    found = next(((said, number) for said, number in _OF_PROGRAMS.items() if said in complaints), None)
    if found is None and hasattr(signal, "SIGXFSZ") and code == -signal.SIGXFSZ:
        found = ("File too large", errno.EFBIG)
    if found is None and _is_full(place):  # not every complaint names its cause
        found = (complaints.strip().splitlines()[-1] if complaints.strip() else "no room", errno.ENOSPC)
    if found is None:
        return None
    said, number = found
    line = next((line.strip() for line in complaints.splitlines() if said in line), said)
    return _refused(number, place, f"{program}: {line}", "and try again")


def _is_full(place: Path) -> bool:
    return place.exists() and shutil.disk_usage(place).free < _HARDLY_ANY


def _refused(number: int, place: object, reason: str, then: str) -> RefusedError:
    if number in _FULL:
        return RefusedError(f"the disk is full: {place} cannot be written ({reason})", f"make room there, {then}")
    if number in _TOO_LARGE:
        what = f"{place} cannot be written: larger files are not allowed ({reason})"
        return RefusedError(what, f"raise the limit, which `ulimit -f` shows, {then}")
    if number in _FORBIDDEN:
        what = f"{place} cannot be read or written: {reason}"
        return RefusedError(what, f"get the right to read and write there, {then}")
    if number in _CHANGED:
        what = f"{place} cannot be written: {reason}; another program has changed it"
        return RefusedError(what, f"end that program, {then}")
    return RefusedError(f"{place} cannot be written: {reason}", f"put the disk right, {then}")
