"""Every write that outlives an update goes through here, one call each, so that a test can stop at any of them.

A write is in order before the next one begins, as far as other processes see; `flush` waits until the disk has it.
"""

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

_FLUSHED_AT_ONCE = 16
_NO_SECOND_NAMES = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
"""link(2): how a file system says that it has no hard links, or none for this file, or none to there."""
_HERE = -100  # AT_FDCWD: paths are as they are given
_SWAP = 2  # RENAME_EXCHANGE, and RENAME_SWAP on macOS
_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EPERM}


def _nobody(verb: str, path: Path) -> None:
    del verb, path


observer: Callable[[str, Path], None] = _nobody
"""Told of each write just before it is made. Tests count and kill here."""


def write(path: Path, content: bytes) -> None:
    """Put `content` into a file that no reader ever sees half written."""
    temporary = path.with_name(path.name + ".new")
    observer("write", path)
    temporary.write_bytes(content)
    flush([temporary])
    replace(temporary, path)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a link with all that belongs to it."""
    observer("copy", target)
    shutil.copy2(source, target, follow_symlinks=False)


def link(source: Path, target: Path) -> None:
    """Let a file or a link appear at `target` too: as a second name, or as a copy where the file system has none.

    Raises `FileExistsError` where something is there already.
    """
    observer("link", target)
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
    """Give the file a second name; False where its file system, or the platform, has no such thing."""
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
    """Rename a file, link or folder to `target`, which is free; copied and removed where that is another disk."""
    observer("move", source)
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)


def exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step; False, with nothing done, where the platform or the file system cannot.

    renameat2(2) of Linux, renamex_np(2) of macOS. Raises `FileNotFoundError` where one of them does not exist.
    """
    observer("exchange", other)
    swap = _swap()
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


def replace(source: Path, target: Path) -> None:
    observer("replace", target)
    source.replace(target)


def remove(path: Path) -> None:
    observer("remove", path)
    path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    observer("make folder", path)
    path.mkdir()


def remove_folder(path: Path) -> None:
    """Remove the folder if it is empty."""
    observer("remove folder", path)
    with suppress(OSError):
        path.rmdir()


def remove_tree(path: Path) -> None:
    observer("remove tree", path)
    shutil.rmtree(path, ignore_errors=True)


def outside(verb: str, path: Path) -> None:
    """Tell of a write that another program is about to make."""
    observer(verb, path)


def flush(paths: Iterable[Path]) -> None:
    """Wait until the disk has these files and folders; many at once, which a disk does as quickly as one."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - whoever only looks does without

    observer("flush", Path())
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
