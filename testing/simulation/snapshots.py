"""Snapshots of files, and the tokens in them."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate.system.disk import File

_TOKEN = re.compile(rb"\b[tu][0-9]+\b")
LINK = 0o120000


@dataclass(frozen=True, slots=True)
class Blob:
    mode: int
    """0o644, 0o755 or `LINK`."""
    content: bytes

    @property
    def is_link(self) -> bool:
        return self.mode == LINK

    @property
    def is_text(self) -> bool:
        return not self.is_link and b"\0" not in self.content

    @property
    def tokens(self) -> list[bytes]:
        return tokens_of(self.content)


Files = dict[str, Blob]


def seen(folder: Path) -> Files:
    """Every file and link below `folder`, those that git ignores included, without git's own."""
    return dict(_below(str(folder), ""))


def _below(folder: str, prefix: str) -> Iterator[tuple[str, Blob]]:
    """With plain strings, for tens of thousands of files are looked at."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.name == ".git":  # a file, where this is a further work tree
                continue
            if entry.is_symlink():
                yield name, Blob(LINK, os.fsencode(os.readlink(entry.path)))  # noqa: PTH115 - see above
            elif not entry.is_dir():
                with open(entry.path, "rb") as file:  # noqa: PTH123 - see above
                    yield name, Blob(0o755 if entry.stat().st_mode & 0o100 else 0o644, file.read())
            else:
                yield from _below(entry.path, f"{name}/")


def modes(folder: Path) -> dict[str, int]:
    """The mode of every file and folder below `folder`, without git's own; for links it has no meaning."""
    found = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for path in (Path(parent) / name for name in (*folders, *names)):
            if not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path.lstat().st_mode
    return found


@dataclass(frozen=True, slots=True)
class Everything:
    """All that may not change by accident."""

    files: Files
    git: Mapping[str, Blob]
    """git's own files: references, index, objects, settings."""
    modes: Mapping[str, int]
    """Of files and folders, as the disk has them."""

    @classmethod
    def of(cls, top: Path, git_dir: Path) -> "Everything":
        return cls(seen(top), seen(git_dir), modes(top))


def is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def in_plain_line_ends(files: "Files") -> "Files":
    """As if all files had LF: where git converts line ends, they are not what is compared."""
    return {path: Blob(blob.mode, blob.content.replace(b"\r\n", b"\n")) for path, blob in files.items()}


def tokens_of(content: bytes) -> list[bytes]:
    return _TOKEN.findall(content)


def as_seen(files: dict[str, File]) -> Files:
    return {path: Blob(file.mode, file.content) for path, file in files.items()}


def own(tokens: Iterable[bytes]) -> list[bytes]:
    """Those of lines that the user wrote."""
    return [token for token in tokens if token.startswith(b"u")]


def sharing(blob: Blob, files: Files) -> set[str]:
    """The paths of those of `files` that have a line in common with `blob`."""
    tokens = set(blob.tokens)
    return {path for path, other in files.items() if tokens & set(other.tokens)}
