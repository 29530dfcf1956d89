"""git, under settings that would run a program, ask, or change what is committed."""

import os
from pathlib import Path

import pytest

from copperplate.errors import GitFailedError, NoGitError
from copperplate.git import commits, query, run
from copperplate.git.commits import Identity
from copperplate.git.query import Location
from copperplate.git.run import require_git
from testing.git import git as run_git
from testing.parse import ignored

ADA = Identity("Ada", "ada@example.org")
NOBODY = Identity("", "")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings, empty at first."""
    file = tmp_path / "gitconfig"
    file.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return file


@pytest.fixture
def folder(tmp_path: Path, settings: Path) -> Path:
    del settings
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"one\ntwo\n")
    return folder


def _commit(folder: Path, author: Identity) -> str:
    commits.init(folder)
    commits.commit_all(folder, "first", author)
    assert run_git("status", "--porcelain", cwd=folder) == ""
    return run_git("log", "--format=%an <%ae>", cwd=folder)


def test_a_commit_has_the_users_identity_of_git(folder: Path, settings: Path) -> None:
    settings.write_text("[user]\nname = Grace\nemail = grace@example.org\n")
    assert _commit(folder, ADA) == "Grace <grace@example.org>"


def test_without_an_identity_in_git_the_commit_has_the_author(folder: Path, settings: Path) -> None:
    settings.write_text("[user]\nuseConfigOnly = true\n")
    assert _commit(folder, ADA) == "Ada <ada@example.org>"


def test_the_identity_in_the_environment_overrides_all_settings(
    folder: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text("[user]\nname = Grace\nemail = grace@example.org\n[committer]\nname = Robot\n")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Lin")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1000000000 +0000")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "lin@example.org")
    assert _commit(folder, ADA) == "Lin <grace@example.org>"
    assert run_git("log", "--format=%at %cn <%ce>", cwd=folder) == "1000000000 Robot <lin@example.org>"


@pytest.mark.parametrize("author", [NOBODY, Identity(".", ""), Identity("<>", "")])
def test_without_any_identity_a_commit_is_still_made(folder: Path, author: Identity) -> None:
    assert _commit(folder, author) == "Copperplate <copperplate@localhost>"


def test_hostile_settings_change_no_file_and_run_no_program(folder: Path, settings: Path, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    ran = tmp_path / "ran"
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\nexit 1\n")
        (hooks / name).chmod(0o755)
    template = tmp_path / "template"
    template.mkdir()
    (template / "hooks").symlink_to(hooks)
    (tmp_path / "ignored").write_text("*\n")
    (tmp_path / "attributes").write_text("* filter=evil\n")
    settings.write_text(f"""
[core]
    hooksPath = {hooks}
    excludesFile = {tmp_path / "ignored"}
    attributesFile = {tmp_path / "attributes"}
    autocrlf = true
    safecrlf = true
    fsmonitor = touch {ran}
    editor = false
[filter "evil"]
    clean = touch {ran}
    required = true
[init]
    templateDir = {template}
    defaultBranch = --upload-pack=x
[commit]
    gpgSign = true
    template = /nowhere
[gpg]
    program = touch {ran}
""")
    commits.init(folder)
    commits.commit_all(folder, "first", NOBODY)
    assert not ran.exists()
    assert not (folder / ".git" / "hooks").exists()
    assert run.environment()["GIT_CONFIG_GLOBAL"] == os.devnull
    settings.write_text("[core]\nautocrlf = true\n")
    assert run_git("status", "--porcelain", cwd=folder) == ""
    assert run_git("show", "HEAD:a.txt", cwd=folder) == "one\ntwo"
    assert run_git("branch", "--show-current", cwd=folder) == "main"


def test_hooks_of_an_existing_repository_do_not_run(folder: Path, tmp_path: Path) -> None:
    run_git("init", "--quiet", cwd=folder)
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\nexit 1\n")
    hook.chmod(0o755)
    commits.commit_all(folder, "first", ADA)
    assert not (tmp_path / "ran").exists()


def test_the_branch_has_the_name_of_the_users_settings(folder: Path, settings: Path) -> None:
    settings.write_text("[init]\ndefaultBranch = trunk\n")
    commits.init(folder)
    assert run_git("branch", "--show-current", cwd=folder) == "trunk"


def test_variables_of_a_surrounding_git_do_not_leak(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other.index"))
    commits.init(folder)
    commits.commit_all(folder, "first", ADA)
    assert (folder / ".git" / "HEAD").exists()
    assert not (tmp_path / "other.git").exists()


@pytest.mark.parametrize("name", ["new\nline", "\n", "trailing ", 'quo"te\\', "caf\udce9"])
def test_a_repository_with_any_name_is_located(folder: Path, name: str) -> None:
    root = folder / name
    (root / name).mkdir(parents=True)
    commits.init(root)
    assert query.locate(root / name) == Location(
        root, f"{name}/", root / ".git", root / ".git", root / ".git" / "objects", "sha1"
    )
    assert query.locate(folder) is None


def test_a_work_tree_is_found_from_a_folder_in_it(folder: Path) -> None:
    commits.init(folder)
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    assert query.work_tree_around(below) == folder


def test_a_repository_without_a_commit_counts_as_new(folder: Path) -> None:
    commits.init(folder)
    assert not query.has_commits(folder)
    commits.commit_all(folder, "first", ADA)
    assert query.has_commits(folder)


def test_kept_files_are_the_tracked_and_the_new_ones(folder: Path) -> None:
    commits.init(folder)
    commits.commit_all(folder, "first", ADA)
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "b.txt").write_text("")
    (folder / "c.log").write_text("")
    assert sorted(query.kept_files(folder, ["."]) or ()) == [".gitignore", "a.txt", "b.txt"]


def test_missing_git_is_refused_with_a_hint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoGitError) as refused:
        require_git()
    assert "--no-git" in refused.value.hint


def test_a_failure_of_git_is_reported_with_its_own_message(folder: Path) -> None:
    (folder / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(GitFailedError, check=lambda error: error.verb == "add" and "nowhere" in error.complaint):
        commits.commit_all(folder, "first", ADA)


def test_ignored_files_are_listed_without_making_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(".env\nbuild/\n")
    for name in (".env", "kept", "build/one", "build/two"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(ignored(tmp_path)) == [".env", "build/"]
    assert not (tmp_path / ".git").exists()
