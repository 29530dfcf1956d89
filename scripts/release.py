"""Write the template of this checkout into the history: `python -m scripts.release 1.2.0 [--amend] [--check]`."""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import checkout, history
from copperplate.history import File

ROOT = Path(__file__).parents[1]
STREAM = ROOT / "src" / "copperplate" / "template_history.fi"
_WHO = "Copperplate <copperplate@localhost>"
_DAY = 24 * 60 * 60


class ReleaseError(Exception):
    """A release that would break what has been released before."""


def working_tree(root: Path = ROOT) -> dict[str, File]:
    """The template's files as they stand in the checkout, with the modes that git knows."""
    files = {}
    for name in checkout.files(root):
        executable = (root / name).stat().st_mode & 0o100
        files[name] = File(0o755 if executable else 0o644, (root / name).read_bytes())
    return files


def appended(stream: bytes, version: str, files: Mapping[str, File], *, epoch: int) -> bytes:
    """`stream` with one release more: its first bytes are never changed."""
    try:
        plain = str(Version(version)) == version and Version(version).local is None
    except InvalidVersion:
        plain = False
    if not plain:
        raise ReleaseError(f"{version!r} is not a plain PEP 440 version")
    before = list(history.parse(stream))
    if any(release.version == version for release in before):
        raise ReleaseError(f"{version} has been released already")
    return stream + _commit(version, dict(before[-1].files) if before else {}, files, epoch)


def without_last(stream: bytes, version: str) -> bytes:
    """`stream` before its last release, which must be `version`."""
    last = list(history.parse(stream))[-1].version
    if last != version:
        raise ReleaseError(f"only the last release, {last}, can be amended")
    kept = stream[: stream.rfind(_opening(version))]
    list(history.parse(kept))  # refuses a cut in the middle of a file that quotes such an opening
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


def _refuse_tagged(version: str) -> None:
    command = ["git", "tag", "--list", version]
    if subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip():
        raise ReleaseError(f"{version} is tagged: what has been released is never changed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="PEP 440, without a prefix")
    parser.add_argument("--amend", action="store_true", help="replace the last release, which is not tagged yet")
    options = parser.parse_args()
    stream = STREAM.read_bytes() if STREAM.exists() else b""
    try:
        if options.amend and stream:
            _refuse_tagged(options.version)
            stream = without_last(stream, options.version)
        files = working_tree()
        STREAM.write_bytes(appended(stream, options.version, files, epoch=int(time.time()) // _DAY * _DAY))
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{options.version}: {len(files)} files, {STREAM.stat().st_size} bytes of history")
    return 0


if __name__ == "__main__":
    sys.exit(main())
