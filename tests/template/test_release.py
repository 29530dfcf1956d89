"""The command that makes a release, in a copy of this repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from copperplate.templates import bundled
from testing import ROOT
from testing.git import git, new_repository

GREEN, RED = "[('python', '-c', '')]", "[('python', '-c', 'raise SystemExit(1)')]"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    copy = tmp_path / "copperplate"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    kept = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, kept.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    changelog = copy / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- A change.\n"))
    (copy / "template" / "new.txt").write_text("new\n")
    new_repository(copy)
    return copy


def release(repository: Path, version: str, checks: str) -> subprocess.CompletedProcess[str]:
    code = f"from scripts import release; release.release({version!r}, {checks})"
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment |= {"UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv"), "UV_NO_SYNC": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def test_a_release_bumps_dates_appends_and_records(repository: Path) -> None:
    done = release(repository, "99.0.0", GREEN)
    assert done.returncode == 0, done.stderr
    assert 'version = "99.0.0"' in (repository / "pyproject.toml").read_text()
    assert "## [99.0.0] - 20" in (repository / "CHANGELOG.md").read_text()
    assert (repository / "scripts" / "released.txt").read_text().splitlines()[-1].startswith("99.0.0 ")
    stream = (repository / "src" / "copperplate" / "template_history.fi").read_bytes()
    assert stream.startswith(bundled.stream())
    assert list(bundled.parse(stream))[-1].files["template/new.txt"].content == b"new\n"


@pytest.mark.parametrize(
    ("version", "checks", "why"),
    [("99.0.0", RED, "is red"), ("0.0.1", GREEN, "older than"), ("0.1.0", GREEN, "already"), ("v99", GREEN, "PEP 440")],
)
def test_a_release_that_is_refused_changes_nothing(repository: Path, version: str, checks: str, why: str) -> None:
    done = release(repository, version, checks)
    assert done.returncode != 0
    assert why in done.stderr
    assert git("status", "--porcelain", cwd=repository) == ""


def test_a_release_without_changes_in_the_changelog_is_refused(repository: Path) -> None:
    shutil.copy(ROOT / "CHANGELOG.md", repository)
    text = (repository / "CHANGELOG.md").read_text()
    head, _, tail = text.partition("## [Unreleased]\n")
    (repository / "CHANGELOG.md").write_text(f"{head}## [Unreleased]\n\n## [{tail.partition('## [')[2]}")
    new_repository(repository)
    assert "says nothing" in release(repository, "99.0.0", GREEN).stderr
