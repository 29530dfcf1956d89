"""`new` from the outside, with a template that needs no network. What a failure leaves behind is in `test_faults`."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from copperplate.templates import bundled
from testing.cli import Ran
from testing.git import git

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_new_project_is_complete_committed_and_clean(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    ran = copperplate("new", "acme-shop", "--defaults", "--template", small_template)
    assert ran.code == 0, ran.stderr
    project = tmp_path / "acme-shop"
    assert {entry.name for entry in project.iterdir()} == {
        ".copier-answers.yml",
        ".git",
        ".gitignore",
        ".python-version",
        ".venv",
        "README.md",
        "pyproject.toml",
        "uv.lock",
    }
    assert git("status", "--porcelain", cwd=project) == ""
    assert git("rev-list", "--count", "HEAD", cwd=project) == "1"
    assert 'name = "acme-shop"' in (project / "uv.lock").read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["acme-shop"]


def test_the_environment_has_the_final_paths(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    assert copperplate("new", "shop", "--defaults", "--template", small_template).code == 0
    activate = (tmp_path / "shop" / ".venv" / "bin" / "activate").read_text()
    assert str(tmp_path / "shop" / ".venv") in activate
    assert ".copperplate-" not in activate


def test_the_output_ends_with_the_same_command_and_the_next_commands(copperplate: Run, small_template: Path) -> None:
    ran = copperplate(
        "new", "shop", "--template", small_template, "--data", "project_name=It's", "--without", "ci", "--no-install"
    )
    assert ran.code == 0, ran.stderr
    assert "copperplate new shop --defaults --data 'project_name=It'\"'\"'s' --data ci=none --no-install" in ran.stdout
    assert "  cd shop\n" in ran.stdout


def test_in_the_current_folder_the_output_has_no_cd(
    copperplate: Run, small_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    ran = copperplate("new", ".", "--template", small_template, "--no-install")
    assert ran.code == 0, ran.stderr
    assert "  uv run shop dev\n" in ran.stdout
    assert "  cd " not in ran.stdout


def test_the_same_command_gives_the_same_project(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    arguments = ("--template", small_template, "--no-install", "--no-git", "--data", "author_name=Ada", "--with", "ci")
    first = copperplate("new", "shop", *arguments, "--json")
    command = json.loads(first.stdout)["command"].split()[1:]
    (tmp_path / "shop").rename(tmp_path / "first")
    assert copperplate(*command).code == 0
    same = {path.name: path.read_bytes() for path in (tmp_path / "shop").iterdir()}
    assert same == {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()}


def test_the_same_command_names_the_version_of_a_released_template(copperplate: Run) -> None:
    told = json.loads(copperplate("new", "shop", "--no-install", "--no-git", "--json").stdout)
    assert told["command"].endswith(f"--template-version {bundled.newest().version}")


def test_json_is_one_document_and_progress_goes_elsewhere(copperplate: Run, small_template: Path) -> None:
    ran = copperplate("new", "shop", "--json", "--template", small_template)
    document = json.loads(ran.stdout)
    assert [step["name"] for step in document["project"]["steps"]] == ["Render", "Lock", "Commit", "Install"]
    assert document["project"]["committed"] is True
    assert document["next"][0] == "cd shop"
    assert "Render" in ran.stderr


def test_a_dry_run_lists_the_files_and_writes_none(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    ran = copperplate("new", "shop", "--dry-run", "--template", small_template)
    assert ran.stdout.split() == [
        ".copier-answers.yml",
        ".gitignore",
        ".python-version",
        "README.md",
        "pyproject.toml",
    ]
    assert list(tmp_path.iterdir()) == []


def test_without_install_the_lock_is_the_one_of_the_template(
    copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    (small_template / "template.lock").write_text("version = 1\n")
    try:
        assert copperplate("new", "shop", "--no-install", "--no-git", "--template", small_template).code == 0
    finally:
        (small_template / "template.lock").unlink()
    assert (tmp_path / "shop" / "uv.lock").read_text() == "version = 1\n"


def test_an_empty_folder_is_filled_and_stays_the_same_folder(
    copperplate: Run, small_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "shop"
    place.mkdir()
    monkeypatch.chdir(place)
    inode = place.stat().st_ino
    assert copperplate("new", ".", "--defaults", "--template", small_template).code == 0
    assert place.stat().st_ino == inode
    assert git("status", "--porcelain", cwd=place) == ""
    assert ".copperplate-new" not in os.listdir(place)  # noqa: PTH208 - names, not paths


def test_a_fresh_repository_is_committed_into(
    copperplate: Run, small_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "shop"
    git("init", "--quiet", "--initial-branch=trunk", str(place), cwd=tmp_path)
    git("remote", "add", "origin", "https://git.example/shop", cwd=place)
    monkeypatch.chdir(place)
    assert copperplate("new", ".", "--defaults", "--template", small_template).code == 0
    assert git("status", "--porcelain", cwd=place) == ""
    assert git("branch", "--show-current", cwd=place) == "trunk"
    assert git("remote", cwd=place) == "origin"
    assert git("rev-list", "--count", "HEAD", cwd=place) == "1"


def test_parents_are_made(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    assert copperplate("new", "a/b/shop", "--no-install", "--template", small_template).code == 0
    assert (tmp_path / "a" / "b" / "shop" / "README.md").exists()


def test_inside_a_repository_nothing_is_committed_and_a_message_says_so(
    copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    git("init", "--quiet", cwd=tmp_path)
    ran = copperplate("new", "services/shop", "--no-install", "--template", small_template)
    assert ran.code == 0
    assert "nothing was committed" in ran.stdout
    assert not (tmp_path / "services" / "shop" / ".git").exists()


def _occupied_file(place: Path) -> None:
    place.write_text("mine")


def _occupied_folder(place: Path) -> None:
    place.mkdir()
    (place / "mine").write_text("mine")


def _link(place: Path) -> None:
    (place.parent / "elsewhere").mkdir()
    place.symlink_to(place.parent / "elsewhere")


def _dangling_link(place: Path) -> None:
    place.symlink_to(place.parent / "nowhere")


def _used_repository(place: Path) -> None:
    git("init", "--quiet", str(place), cwd=place.parent)
    git("-c", "user.name=a", "-c", "user.email=a@b.cd", "commit", "--allow-empty", "--quiet", "-m", "x", cwd=place)


@pytest.mark.parametrize("occupy", [_occupied_file, _occupied_folder, _link, _dangling_link, _used_repository])
def test_an_occupied_destination_is_refused_and_left_alone(
    occupy: Callable[[Path], None], copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    occupy(tmp_path / "shop")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    ran = copperplate("new", "shop", "--defaults", "--template", small_template)
    assert ran.code == ExitCode.REFUSED
    assert len(ran.complaint) == 2
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("place", ["", "a\0b", "x" * 300, "/proc/nowhere/shop", "/dev/null/shop"])
def test_an_impossible_destination_is_refused(place: str, copperplate: Run, small_template: Path) -> None:
    ran = copperplate("new", place, "--data", "project_name=Shop", "--no-install", "--template", small_template)
    assert ran.code == ExitCode.REFUSED
    assert len(ran.complaint) == 2


def test_a_destination_that_looks_like_an_option_needs_the_usual_dashes(
    copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    arguments = ("new", "--no-install", "--template", small_template, "--data", "project_name=Shop")
    assert copperplate(*arguments, "-rf").code == ExitCode.USAGE
    ran = copperplate(*arguments, "--", "-rf")
    assert ran.code == 0
    assert (tmp_path / "-rf" / "README.md").exists()
    assert "copperplate new ./-rf" in ran.stdout


def test_a_python_below_the_floor_is_refused(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    arguments = ("new", "shop", "--template", small_template, "--python", "3.12")
    ran = copperplate(*arguments, "--data", "python_version=3.13")
    assert ran.code == ExitCode.USAGE
    assert "needs 3.13 or newer" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_python_is_refused(copperplate: Run, small_template: Path) -> None:
    ran = copperplate("new", "shop", "--template", small_template, "--python", "/nowhere/python")
    assert ran.code == ExitCode.USAGE
    assert "there is no such Python" in ran.stderr


def test_a_chosen_python_is_pinned(copperplate: Run, small_template: Path, tmp_path: Path) -> None:
    ran = copperplate("new", "shop", "--template", small_template, "--python", "3.12")
    assert ran.code == 0, ran.stderr
    assert (tmp_path / "shop" / ".python-version").read_text() == "3.12\n"


def test_a_member_of_a_workspace_is_not_installed_from_here(
    copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    root = tmp_path / "pyproject.toml"
    root.write_text('[project]\nname = "root"\nversion = "0"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    ran = copperplate("new", "packages/shop", "--defaults", "--template", small_template)
    assert ran.code == ExitCode.REFUSED
    assert list(tmp_path.iterdir()) == [root]
    assert copperplate("new", "packages/shop", "--no-install", "--template", small_template).code == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--data", "colour"], "has no `=`"),
        (["--data", "colour=red"], "'colour' is not a question"),
        (["--data", "_copier_conf=x"], "is not a question"),
        (["--data", "license=MIT", "--data", "license=MIT"], "given twice"),
        (["--data", "example=perhaps"], "neither true nor false"),
        (["--with", "rockets"], "there is no feature"),
        (["--with", "example", "--without", "example"], "contradict"),
        (["--answers", "nowhere.yml"], "cannot be read"),
        (["--verify", "--no-install"], "--verify needs the project installed"),
        (["--colour"], "No such option"),
    ],
)
def test_wrong_usage_is_reported_in_two_lines(
    arguments: list[str], complaint: str, copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    ran = copperplate("new", "shop", "--template", small_template, *arguments)
    assert ran.code == ExitCode.USAGE
    assert complaint in ran.complaint[0]
    assert len(ran.complaint) == 2
    assert list(tmp_path.iterdir()) == []
