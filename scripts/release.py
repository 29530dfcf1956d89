"""Release of this checkout: `python -m scripts.release 1.2.0`, or replace the last release with `--amend`.

A release changes the version, dates the changelog's entry, appends the template to the history and records its commit.
Then all checks run; if one fails, all of this is undone.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from packaging.version import Version

from copperplate import uv
from copperplate.templates import bundled
from scripts import changelog
from testing import ROOT, history_stream
from testing.git import git
from testing.history_stream import RECORD, ReleaseError

STREAM = ROOT / "src" / "copperplate" / "template_history.fi"
CHANGELOG = ROOT / "CHANGELOG.md"
WRITTEN = (STREAM, RECORD, CHANGELOG, ROOT / "pyproject.toml", ROOT / "uv.lock")

_DAY = 24 * 60 * 60
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("pytest", "-n", "auto"),
    ("pytest", "-n", "auto", "-m", "long"),
    ("python", "-m", "scripts.matrix", "run", "pairs"),
)


def amend(version: str) -> None:
    """Replace the last release `version`, which is not tagged yet."""
    if git("tag", "--list", version, cwd=ROOT):
        raise ReleaseError(f"{version} is tagged: what has been released is never changed")
    _append(history_stream.without_last(STREAM.read_bytes(), version), version)


def release(version: str, checks: Sequence[Sequence[str]]) -> None:
    """Release `version` if all checks pass; otherwise restore everything."""
    if git("status", "--porcelain", cwd=ROOT):
        raise ReleaseError("there are changes that are not committed")
    before = STREAM.read_bytes()
    last = list(bundled.parse(before))[-1].version
    text = CHANGELOG.read_text(encoding="utf-8")
    if not changelog.unreleased(text):
        raise ReleaseError("the changelog says nothing about it: write what changed under [Unreleased]")
    with _undone_if_red():
        _append(before, version)
        if Version(version) < Version(last):
            raise ReleaseError(f"{version} is older than {last}, the last release")
        CHANGELOG.write_text(changelog.released(text, version, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
        if (done := uv.run("version", "--no-sync", version, cwd=ROOT)).code:
            raise ReleaseError(done.complaint)
        for check in checks:
            print(f"$ uv run {' '.join(check)}", flush=True)
            if subprocess.run([uv.binary(), "run", *check], cwd=ROOT, check=False).returncode:
                raise ReleaseError(f"`{' '.join(check)}` is red")


@contextmanager
def _undone_if_red() -> Iterator[None]:
    before = {path: path.read_bytes() for path in WRITTEN}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            path.write_bytes(content)
        raise


def _append(raw: bytes, version: str) -> None:
    appended = history_stream.appended(
        raw, version, history_stream.working_tree(), epoch=int(time.time()) // _DAY * _DAY
    )
    STREAM.write_bytes(appended)
    RECORD.write_text(
        "".join(f"{one} {commit}\n" for one, commit in history_stream.commits(appended).items()), encoding="utf-8"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="PEP 440, without a prefix")
    parser.add_argument("--amend", action="store_true", help="replace the last release, which is not tagged yet")
    options = parser.parse_args()
    try:
        if options.amend:
            amend(options.version)
            print(f"{options.version} is in the history anew; `.ci/run` checks it")
        else:
            release(options.version, CHECKS)
            print(f"{options.version} is released here; next:")
            print(f"  git commit --all --message 'Release {options.version}' && git tag {options.version} && uv build")
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
