"""Disk: files as values, writes that survive a crash and reach the disk in order, and disk errors in plain words.

For other processes, a write is complete before the next one begins; `flush` waits until the disk has stored it.
"""

import ctypes
import errno
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copperplate.errors import RefusedError


@dataclass(frozen=True, slots=True)
class File:
    mode: int
    content: bytes


def read_file(path: Path) -> File:
    """Read the file at `path`, with the permission that git would record."""
    return File(0o755 if path.stat().st_mode & 0o100 else 0o644, path.read_bytes())


def write_files(files: Mapping[str, File], folder: Path) -> None:
    """Write `files` into `folder`, and make missing folders."""
    for parent in {(folder / path).parent for path in files}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, file in files.items():
        target = folder / path
        target.write_bytes(file.content)
        target.chmod(file.mode)


def file_names(folder: Path) -> tuple[str, ...]:
    """Return the names of all files below `folder`, relative to it, sorted."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()))


_FLUSHED_AT_ONCE = 16
_NO_SECOND_NAMES = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
"""Errors of link(2) from a file system that has no hard links, or none for this file or this target."""
_HERE = -100  # AT_FDCWD: the paths are used as given
_SWAP = 2  # RENAME_EXCHANGE, and RENAME_SWAP on macOS
_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EPERM}


def write(path: Path, content: bytes) -> None:
    """Write `content` into a file in one step: no reader sees a part of it."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    flush([temporary])
    temporary.replace(path)


def copy(source: Path, target: Path) -> None:
    shutil.copy2(source, target, follow_symlinks=False)


def link(source: Path, target: Path) -> None:
    """Make a file or link appear at `target` too: a hard link, or else a copy. Raises `FileExistsError`."""
    if _named_again(source, target):
        return
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    with target.open("xb") as file:
        try:
            with source.open("rb") as content:
                shutil.copyfileobj(content, file)
            shutil.copystat(source, target)
        except BaseException:
            target.unlink()
            raise


def _named_again(file: Path, name: Path) -> bool:
    """Make a hard link to the file; False if its file system or the platform has none."""
    try:
        os.link(file, name, follow_symlinks=False)
    except NotImplementedError:
        return False
    except OSError as error:
        if error.errno not in _NO_SECOND_NAMES:
            raise
        return False
    return True


def move(source: Path, target: Path) -> None:
    """Rename a file, link or folder to the free path `target`; on another disk, copy and remove it."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)


def exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step. Returns False, and does nothing, if the platform or the file system cannot.

    Uses renameat2(2) of Linux or renamex_np(2) of macOS. Raises `FileNotFoundError` if one file does not exist.
    """
    swap = _swap()
    sys.audit("copperplate.exchange", one, other)  # otherwise audit hooks would not see this write
    if swap is None or swap(os.fsencode(one), os.fsencode(other)) == 0:
        return swap is not None
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


@cache
def _swap() -> Callable[[bytes, bytes], int] | None:
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    if linux := getattr(library, "renameat2", None):
        return lambda one, other: int(linux(_HERE, one, _HERE, other, _SWAP))
    if macos := getattr(library, "renamex_np", None):
        return lambda one, other: int(macos(one, other, _SWAP))
    return None


def remove_folder(path: Path) -> None:
    """Remove the folder if it is empty."""
    with suppress(OSError):
        path.rmdir()


def remove(path: Path) -> None:
    """Remove the file, link or folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def flush(paths: Iterable[Path]) -> None:
    """Wait until the disk has stored these files and folders. Many at once take as long as one."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - whoever only looks does without

    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as pool:
        list(pool.map(_flush, paths))


def _flush(path: Path) -> None:
    if path.is_symlink():
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_FULL = {errno.ENOSPC, errno.EDQUOT}
_TOO_LARGE = {errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}
_CHANGED = {errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR}
_HARDLY_ANY = 1024 * 1024
"""Free bytes below which a disk counts as full after a program has removed its unfinished file."""
_OF_PROGRAMS: Mapping[str, int] = {
    "No space left on device": errno.ENOSPC,
    "Out of diskspace": errno.ENOSPC,  # git's own words
    "Disk quota exceeded": errno.EDQUOT,
    "File too large": errno.EFBIG,
    "Read-only file system": errno.EROFS,
    "Permission denied": errno.EACCES,
    "insufficient permission": errno.EACCES,  # git's own words
}
"""Messages of programs, which run in English, for errors of the disk."""


def is_reason(error: OSError) -> bool:
    """True if the cause is the disk or its permissions, and not a bug in this program."""
    return error.errno in _FULL | _TOO_LARGE | _FORBIDDEN


def refusal(error: OSError, place: Path, then: str) -> RefusedError:
    """Return the error for the user, about its file or else `place`; `then` is what to do after the fix."""
    return _refusal(error.errno or 0, error.filename or place, error.strerror or str(error), then)


def refusal_by(program: str, place: Path, code: int, complaints: str) -> RefusedError | None:
    """Return the error for the user if a program that writes in `place` has failed because of the disk."""
    found = next(((said, number) for said, number in _OF_PROGRAMS.items() if said in complaints), None)
    if found is None and hasattr(signal, "SIGXFSZ") and code == -signal.SIGXFSZ:
        found = ("File too large", errno.EFBIG)
    if found is None and place.exists() and shutil.disk_usage(place).free < _HARDLY_ANY:
        # not every error message names the cause
        found = (complaints.strip().splitlines()[-1] if complaints.strip() else "no room", errno.ENOSPC)
    if found is None:
        return None
    said, number = found
    line = next((line.strip() for line in complaints.splitlines() if said in line), said)
    return _refusal(number, place, f"{program}: {line}", "and try again")


def _refusal(number: int, place: object, reason: str, then: str) -> RefusedError:
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
    return RefusedError(f"{place} cannot be written: {reason}", f"repair the disk, {then}")
