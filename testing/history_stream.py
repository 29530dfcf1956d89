"""Stream of the history: append a release, or remove the last one."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from packaging.version import InvalidVersion, Version

from copperplate.system.disk import File
from copperplate.templates import bundled, location
from testing import ROOT
from testing.git import git

RECORD = ROOT / "scripts" / "released.txt"
"""Commit of each release."""

_WHO = "Copperplate <copperplate@localhost>"


class ReleaseError(Exception):
    """Raised for a release that would break an earlier one."""


class VersionError(ReleaseError):
    """Raised for a version that cannot be released, or not be amended."""

    def __init__(self, what: str, version: str, fault: Literal["not plain", "released", "not last"]) -> None:
        super().__init__(what)
        self.version = version
        self.fault = fault


def working_tree(root: Path = ROOT) -> dict[str, File]:
    """Return the template's files in the working tree, with git's modes."""
    files = {}
    for name in location.template_files(root):
        executable = (root / name).stat().st_mode & 0o100
        files[name] = File(0o755 if executable else 0o644, (root / name).read_bytes())
    return files


def appended(stream: bytes, version: str, files: Mapping[str, File], *, epoch: int) -> bytes:
    """Return `stream` with one more release; the old bytes do not change."""
    try:
        plain = str(Version(version)) == version and Version(version).local is None
    except InvalidVersion:
        plain = False
    if not plain:
        raise VersionError(f"{version!r} is not a plain PEP 440 version", version, "not plain")
    before = list(bundled.parse(stream))
    if any(release.version == version for release in before):
        raise VersionError(f"{version} has been released already", version, "released")
    return stream + _commit(version, dict(before[-1].files) if before else {}, files, epoch)


def without_last(stream: bytes, version: str) -> bytes:
    """Return `stream` without its last release, which must be `version`."""
    last = list(bundled.parse(stream))[-1].version
    if last != version:
        raise VersionError(f"only the last release, {last}, can be amended", version, "not last")
    kept = stream[: stream.rfind(_opening(version))]
    list(bundled.parse(kept))  # refuses a cut inside a file that contains such an opening
    return kept


def _commit(version: str, before: Mapping[str, File], after: Mapping[str, File], epoch: int) -> bytes:
    message = f"template {version}\n".encode()
    parts = [_opening(version), f"committer {_WHO} {epoch} +0000\ndata {len(message)}\n".encode(), message]
    parts += [f"D {_quoted(path)}\n".encode() for path in sorted(before.keys() - after.keys())]
    for path in sorted(after):
        if before.get(path) != after[path]:
            mode, content = f"100{after[path].mode:o}", after[path].content
            parts += [f"M {mode} inline {_quoted(path)}\ndata {len(content)}\n".encode(), content, b"\n"]
    parts.append(f"\nreset refs/tags/{version}\nfrom refs/heads/main\n\n".encode())
    return b"".join(parts)


def _opening(version: str) -> bytes:
    return f"# template {version}\ncommit refs/heads/main\n".encode()


def _quoted(path: str) -> str:
    if any(mark in path for mark in '"\\\n'):
        raise ReleaseError(f"{path!r} has a character that no file of a template may have")
    return f'"{path}"'


def commits(raw: bytes) -> dict[str, str]:
    """Return git's commit of each release in the stream `raw`, by version. Its id covers all releases up to it."""
    with tempfile.TemporaryDirectory() as folder:
        git("init", "--quiet", "--bare", cwd=Path(folder))
        git("fast-import", "--quiet", cwd=Path(folder), stdin=raw)
        listed = git("tag", "--format=%(refname:short) %(objectname)", cwd=Path(folder))
    found = dict(line.split() for line in listed.splitlines())
    return {release.version: found[release.version] for release in bundled.parse(raw)}


def recorded(text: str) -> dict[str, str]:
    return dict(line.split() for line in text.splitlines())
