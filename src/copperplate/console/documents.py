"""What is read by programs: JSON, patches, lists of files."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path


def as_json(result: object) -> None:
    text(json.dumps(_plain(result), ensure_ascii=False, indent=2))


def text(content: str) -> None:
    """Print `content` without what no encoding can hold: names of files may be any bytes."""
    sys.stdout.write(content.encode("utf-8", "replace").decode() + "\n")


def files(paths: tuple[str, ...]) -> None:
    for path in paths:
        sys.stdout.write(f"{path}\n")


def raw(content: bytes) -> None:
    """Print what git wrote, byte for byte, for as long as somebody reads it."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `| head`
        _drop_output()


@contextmanager
def report() -> Iterator[None]:
    """For what tells of work that is done: where it cannot be printed, standard error says so, and the work stands."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        _drop_output()
        with suppress(OSError):
            sys.stderr.write(f"warning: all is done, but its report cannot be printed: {error.strerror or error}\n")


def _drop_output() -> None:
    """What is left in the buffer must not complain when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plain(value: object) -> object:
    """`value` as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in asdict(value).items()}
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
