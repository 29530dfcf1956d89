"""Bundled template: every released version, in one append-only text stream that git can read too.

It is a `git fast-import` stream. Each release is a commit without an author, with the full text of changed files, and a
tag that is a PEP 440 version. It is read here without git, in milliseconds.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from packaging.version import InvalidVersion, Version

from copperplate.errors import BrokenError, InputError
from copperplate.system.disk import File

SOURCE = "git+copperplate://template"
_TAG = b"reset refs/tags/"
_MODES = {b"100644": 0o644, b"100755": 0o755}


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    files: Mapping[str, File]


def parsed_version(text: str) -> Version | None:
    """Return the version in a tag or a name (PEP 440); a tag may have a prefix such as `v`."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def is_newer(one: str, other: str) -> bool:
    """Return True if `one` is the later version; False also if one of them is no version."""
    versions = parsed_version(one), parsed_version(other)
    return versions[0] is not None and versions[1] is not None and versions[0] > versions[1]


def version_order(version: str) -> tuple[bool, Version]:
    """Sort key of versions: final ones come after all others."""
    return not Version(version).is_prerelease, Version(version)


def newest_version(versions: Iterable[str]) -> str | None:
    """Return the highest final version; the highest of all if none is final."""
    return max(versions, key=version_order, default=None)


def stream() -> bytes:
    return resources.files("copperplate").joinpath("template_history.fi").read_bytes()


def released() -> dict[str, Release]:
    """Return all releases by version, in the order in which they were made."""
    return {release.version: release for release in parse(stream())}


def newest(releases: Mapping[str, Release] | None = None) -> Release:
    """Return the highest final release, of all or of `releases`; the highest of all if none is final."""
    known = releases or released()
    version = newest_version(known)
    if version is None:
        what = "this installation of Copperplate has no template"
        raise BrokenError(what, "install it again: its package is damaged")
    return known[version]


def find(version: str) -> Release:
    releases = released()
    if version not in releases:
        what = f"template version {version!r} is not known to this Copperplate"
        raise InputError(what, f"it knows {', '.join(releases)}; a newer one may know more")
    return releases[version]


def parse(raw: bytes) -> Iterator[Release]:
    """Read the part of the fast-import grammar that `scripts/release.py` writes; raises `BrokenError` for any other."""
    stream = io.BytesIO(raw)
    files: dict[str, File] = {}
    while stream.tell() < len(raw):
        line = _line(stream)
        if line.startswith(b"commit "):
            _line(stream)  # committer
            _data(stream)  # message
        elif line.startswith(b"D "):
            files.pop(_path(line[2:]), None)
        elif line.startswith(b"M "):
            mode, kind, path = line[2:].split(b" ", 2)
            if mode not in _MODES or kind != b"inline":
                raise _damaged(f"it holds {line!r}")
            files[_path(path)] = File(_MODES[mode], _data(stream))
        elif line.startswith(_TAG):
            _line(stream)  # from
            yield Release(line.removeprefix(_TAG).decode(), dict(files))
        elif line and not line.startswith(b"#"):
            raise _damaged(f"it holds {line!r}")


def _line(stream: io.BytesIO) -> bytes:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise _damaged("it ends in the middle of a line")
    return line[:-1]


def _data(stream: io.BytesIO) -> bytes:
    command, _, size = _line(stream).partition(b" ")
    content = stream.read(int(size)) if command == b"data" and size.isdigit() else None
    if content is None or len(content) < int(size):
        raise _damaged("it ends in the middle of a file")
    return content


def _path(quoted: bytes) -> str:
    """Return the path in C-style quotes; refused if it could leave the folder into which the template is written."""
    if len(quoted) < len('""') or not (quoted.startswith(b'"') and quoted.endswith(b'"')):
        raise _damaged(f"it names {quoted!r}")
    path = quoted[1:-1].decode()
    parts = path.split("/")
    if any(part in {"", ".", "..", ".git"} for part in parts) or any(mark in path for mark in '\\":\0\n'):
        raise _damaged(f"it names {path!r}")
    return path


def _damaged(how: str) -> BrokenError:
    return BrokenError(f"the template history is damaged: {how}", "install Copperplate again")
