"""Standard streams of the process, such that no output that cannot be written changes what a command does."""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STANDARD = (0, 1, 2)


class _Output(io.FileIO):
    """Standard output: drops what nobody reads any more, and all that follows an error, which is raised once."""

    is_broken = False

    def write(self, content: "ReadableBuffer", /) -> int:
        if not self.is_broken:
            try:
                return super().write(content) or 0
            except OSError as error:
                self.is_broken = True
                if error.errno != errno.EPIPE:
                    error.filename = "standard output"
                    raise
        return memoryview(content).nbytes


class _Telling(_Output):
    """Standard error: all that it tells is by the way, so it drops what cannot be written."""

    def write(self, content: "ReadableBuffer", /) -> int:
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes


def prepare() -> None:
    """Let names that are no text be printed, and let no output that cannot be written end what a command does."""
    _open_closed()
    sys.stdout = _through(_Output(1, "w", closefd=False), sys.stdout)
    sys.stderr = _through(_Telling(2, "w", closefd=False), sys.stderr)


def _open_closed() -> None:
    """Open those that the caller has closed: else a file that is opened later would get the place of one."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _through(raw: _Output, stream: TextIO | None) -> TextIO:
    """`stream` again, but by way of `raw`; a path need not be text, and a locale need not know every letter."""
    encoding = stream.encoding if stream else "utf-8"
    errors = "surrogateescape" if encoding == "utf-8" else "backslashreplace"
    is_for_people = raw.isatty() or isinstance(raw, _Telling)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=is_for_people)
