"""History of the template in the package."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from jinja2 import DictLoader, Environment
from packaging.version import Version

from copperplate.system.disk import File
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
    """It has probably run somewhere. One that gets conditions is rendered as before with what it needed."""
    trees = [found.files for found in bundled.released().values()]
    for before, after in pairwise([*trees, history_stream.working_tree()]):
        revisions = {path: file.content for path, file in before.items() if _is_revision(path)}
        assert revisions
        assert {path: _content(after, path) for path in revisions} == revisions


def _is_revision(path: str) -> bool:
    return path.startswith("template/") and "/migrations/versions/" in path


def _content(files: Mapping[str, File], path: str) -> bytes | None:
    """Return the content of a file of the template; with every option, if only a file with conditions is there."""
    if path in files:
        return files[path].content
    if f"{path}.jinja" not in files:
        return None
    loader = DictLoader({path: files[f"{path}.jinja"].content.decode()})
    settings = yaml.safe_load(files["copier.yml"].content.decode().split("\n---\n")[0])
    found = Environment(loader=loader, keep_trailing_newline=True, **settings["_envops"]).get_template(path)  # noqa: S701
    return found.render(jobs=True, mail=True, auth="session", example=True, api_keys=True).encode()
