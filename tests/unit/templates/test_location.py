from pathlib import Path

import pytest

from copperplate.errors.inputs import LinkInTemplateError, NoTemplateError
from copperplate.git import commits
from copperplate.templates import location
from testing.errors import with_fields


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("copier.yml", "features/a.yml", "template/b.py", "template/__pycache__/b.pyc", "other/c", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("in_git", [True, False])
def test_only_files_of_the_template_are_read(in_git: bool, root: Path) -> None:  # noqa: FBT001 - a parameter of the test
    if in_git:
        commits.init(root)
    (root / "template" / ".venv").mkdir()
    (root / "template" / ".venv" / "x").write_text("")
    (root / "template" / ".DS_Store").write_text("")
    assert location.template_files(root) == ["copier.yml", "features/a.yml", "template/b.py"]


def test_ignored_files_are_not_read(root: Path) -> None:
    commits.init(root)
    (root / ".gitignore").write_text("*.log\n")
    (root / "template" / "x.log").write_text("")
    assert "template/x.log" not in location.template_files(root)


def test_deleted_files_are_not_read(root: Path) -> None:
    commits.init(root)
    commits.commit_all(root, "first", commits.Identity("Ada", "ada@example.org"))
    (root / "template" / "b.py").unlink()
    assert location.template_files(root) == ["copier.yml", "features/a.yml"]


def test_a_link_is_refused(root: Path) -> None:
    (root / "template" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(LinkInTemplateError, check=with_fields(path="template/passwd")):
        location.template_files(root)


def test_a_folder_behind_a_link_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "x").write_text("")
    (root / "template" / "b.py").unlink()
    for path in sorted((root / "template").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (root / "template").rmdir()
    (root / "template").symlink_to(elsewhere)
    with pytest.raises(LinkInTemplateError):
        location.template_files(root)


def test_a_folder_without_questions_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(NoTemplateError, check=with_fields(root=tmp_path, is_folder=True)):
        location.template_files(tmp_path)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NoTemplateError, check=with_fields(root=tmp_path / "nope", is_folder=False)):
        location.template_files(tmp_path / "nope")
