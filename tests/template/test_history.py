"""History of the template in the package."""

from itertools import pairwise
from pathlib import Path

import pytest
from packaging.version import Version

from copperplate.templates import bundled
from testing import history_stream
from testing.git import raw


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history as a git repository."""
    folder = tmp_path_factory.mktemp("history")
    raw("init", "--quiet", "--bare", cwd=folder)
    raw("fast-import", "--quiet", cwd=folder, stdin=bundled.stream())
    return folder


def test_the_newest_release_is_the_template_of_this_checkout() -> None:
    newest, here = bundled.newest().files, history_stream.working_tree()
    assert set(newest) == set(here)
    differing = [path for path in here if newest[path] != here[path]]
    assert differing == [], "release the template: python -m scripts.release VERSION [--amend]"


def test_git_reads_the_same_from_the_history(repository: Path) -> None:
    for version, found in bundled.released().items():
        listed = raw("ls-tree", "-r", "-z", "--name-only", version, cwd=repository).decode().split("\0")
        assert sorted(filter(None, listed)) == sorted(found.files)
        for path, file in found.files.items():
            assert raw("cat-file", "blob", f"{version}:{path}", cwd=repository) == file.content


def test_tags_are_plain_versions_in_order(repository: Path) -> None:
    versions = [Version(tag) for tag in bundled.released()]
    assert versions == sorted(versions)
    assert raw("tag", cwd=repository).decode().split() == sorted(bundled.released())


def test_no_stray_file_was_released() -> None:
    for found in bundled.released().values():
        parts = {part for path in found.files for part in path.split("/")}
        assert not parts & {".git", ".venv", "__pycache__", ".mypy_cache", ".env"}
        assert not [path for path in found.files if path.endswith((".pyc", ".pyo"))]


def test_earlier_releases_never_change() -> None:
    """A commit's id covers every byte of it and of all before it."""
    assert history_stream.commits(bundled.stream()) == history_stream.recorded(history_stream.RECORD.read_text())


def test_a_released_database_revision_is_never_changed_or_removed() -> None:
    """It has probably run somewhere."""
    trees = [found.files for found in bundled.released().values()]
    for before, after in pairwise([*trees, history_stream.working_tree()]):
        revisions = {path: file for path, file in before.items() if "/migrations/versions/" in path}
        assert revisions
        assert {path: after.get(path) for path in revisions} == revisions
