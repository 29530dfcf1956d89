"""Projects that are compared with a template that the user names, and moved to it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.system.disk import write_files
from testing.cli import Ran
from testing.git import git
from testing.worlds import World, numbered

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPPERPLATE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder of the template."""
    return tmp_path / "template"


def write(world: World, version: str, folder: Path, *, tag: str | None = None, commit: bool = True) -> None:
    """Have the template in `folder` as that version is; committed and tagged, if wanted."""
    for part in (folder / "template", folder / "copier.yml"):
        if part.is_dir():
            shutil.rmtree(part)
        part.unlink(missing_ok=True)
    write_files(world.versions[version].files, folder)
    if commit:
        if not (folder / ".git").exists():
            git("init", "--quiet", cwd=folder)
        git("add", "--all", cwd=folder)
        git("commit", "--quiet", f"--message={version}", cwd=folder)
    if tag:
        git("tag", tag, cwd=folder)


@pytest.fixture
def shop(world: World, folder: Path, copperplate: Run, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project that was generated from a folder, at a commit with the tag 1.0; `b.txt` was changed since."""
    world.release("1.0", {"a.txt": numbered(9), "b.txt": "theirs\n", ".gitignore": ""})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs"), "b.txt": "theirs\n", ".gitignore": "", "new.txt": "new\n"})
    folder.mkdir()
    write(world, "1.0", folder, tag="1.0")
    generate(world, folder, copperplate)
    monkeypatch.chdir(world.project)
    return world


def generate(world: World, folder: Path, copperplate: Run) -> None:
    for file in world.git("ls-files").splitlines():
        (world.top / file).unlink()
    shutil.rmtree(world.top / ".git")
    given = ("--data", "project_name=Shop", "--data", "distribution_name=shop", "--data", "package_name=shop")
    ran = copperplate("new", world.project, "--defaults", "--no-install", "--no-git", *given, "--template", folder)
    world.git("init", "--quiet")
    assert ran.code == 0, ran.stderr
    world.write("b.txt", "ours\n")
    world.commit()


def recorded(world: World) -> tuple[str, str]:
    facts = dict(line.split(": ", 1) for line in world.read(".copier-answers.yml").splitlines() if ": " in line)
    return facts["_commit"].strip('"'), facts["_src_path"].strip('"')


@pytest.mark.parametrize("arguments", [("status",), ("diff",), ("update",), ("add", "extra"), ("set", "license=MIT")])
def test_without_a_named_template_a_project_of_a_folder_is_refused_with_a_hint(
    copperplate: Run, shop: World, arguments: tuple[str, ...]
) -> None:
    ran = copperplate(*arguments)
    assert ran.code == 3
    assert "was generated from the local folder" in ran.complaint[0]
    assert ran.complaint[1] == "  hint: name the template: --template URL-OR-PATH"
    assert shop.status() == ""


def test_status_compares_with_the_working_tree_of_the_folder(copperplate: Run, shop: World, folder: Path) -> None:
    same = json.loads(copperplate("status", "--template", folder, "--json").stdout)
    assert (same["drifted"], same["behind"], same["answers_intact"]) == (False, False, True)
    assert (same["edited_files"], same["own_files"]) == (["b.txt"], [])
    write(shop, "2.0", folder, commit=False)
    ran = copperplate("status", "--template", folder)
    assert ran.code == 1
    assert "is at template 1.0; the template has changed since." in ran.stdout
    assert "would change:\n  + new.txt\n  ~ a.txt\n" in ran.stdout
    assert f"copperplate update --dry-run --template {folder}" in ran.stdout


def test_diff_compares_with_the_working_tree_of_the_folder_or_with_a_version(
    copperplate: Run, shop: World, folder: Path
) -> None:
    write(shop, "2.0", folder)
    files = json.loads(copperplate("diff", "--template", folder, "--json").stdout)["files"]
    assert files == {"added": [], "changed": ["a.txt", "b.txt"], "deleted": ["new.txt"]}
    arguments = ("--template", folder, "--template-version", "1.0")
    files = json.loads(copperplate("diff", *arguments, "--json").stdout)["files"]
    assert files == {"added": [], "changed": ["b.txt"], "deleted": []}


@pytest.mark.parametrize("commit", [True, False])
def test_an_update_merges_later_changes_of_the_folder(
    copperplate: Run, shop: World, folder: Path, *, commit: bool
) -> None:
    write(shop, "2.0", folder, commit=commit)
    ran = copperplate("update", "--template", folder, "--no-verify")
    assert ran.code == 0, ran.stderr
    assert (shop.read("a.txt"), shop.read("b.txt")) == (numbered(9, l4="theirs"), "ours\n")
    assert (recorded(shop)[0] != "1.0") is commit
    again = copperplate("update", "--template", folder, "--no-verify")
    assert again.code == 0
    assert copperplate("status", "--template", folder).code == (0 if commit else 1)


def test_a_commit_that_was_never_tagged_is_found_again(copperplate: Run, shop: World, folder: Path) -> None:
    write(shop, "2.0", folder)
    generate(shop, folder, copperplate)
    assert recorded(shop)[0].startswith("1.0-1-g")
    write(shop, "1.0", folder)
    assert copperplate("update", "--template", folder, "--no-verify").code == 0
    assert (shop.read("a.txt"), shop.read("b.txt")) == (numbered(9), "ours\n")


def test_a_project_of_a_folder_moves_to_an_address(copperplate: Run, shop: World, folder: Path) -> None:
    ran = copperplate("update", "--template", folder.as_uri(), "--no-verify")
    assert ran.code == 0, ran.stderr
    assert recorded(shop) == ("1.0", f"git+{folder.as_uri()}")
    assert shop.git("log", "-1", "--format=%s") == f"Update to the template in git+{folder.as_uri()}"
    write(shop, "2.0", folder, tag="2.0")
    assert copperplate("update", "--no-verify").code == 0
    assert copperplate("status").code == 0
    assert (shop.read("a.txt"), shop.read("b.txt")) == (numbered(9, l4="theirs"), "ours\n")
    back = copperplate("update", "--template", folder.as_uri(), "--to", "1.0")
    assert back.code == 3
    assert "is older than 2.0" in back.complaint[0]


def test_features_and_answers_are_changed_with_the_template_that_is_named(
    copperplate: Run, shop: World, folder: Path
) -> None:
    write(shop, "2.0", folder)
    before = recorded(shop)
    assert copperplate("add", "extra", "--template", folder, "--no-verify").code == 0
    assert "extra: true" in shop.read(".copier-answers.yml")
    assert recorded(shop) == before
    assert not (shop.project / "new.txt").exists()


@pytest.fixture
def unversioned(shop: World, folder: Path, tmp_path: Path, copperplate: Run) -> Path:
    """A folder in no repository, and the project generated from it."""
    plain = tmp_path / "plain"
    shutil.copytree(folder, plain, ignore=shutil.ignore_patterns(".git"))
    generate(shop, plain, copperplate)
    assert recorded(shop) == ("unreleased", str(plain))
    return plain


@pytest.mark.usefixtures("shop")
def test_a_project_without_a_version_is_compared_and_changed_but_not_updated(
    copperplate: Run, unversioned: Path
) -> None:
    status = copperplate("status", "--template", unversioned)
    assert status.code == 0
    assert "is at template unreleased, which that template does not have. Compared with" in status.stdout
    assert "  ~ b.txt" in status.stdout
    assert copperplate("add", "extra", "--template", unversioned, "--no-verify").code == 0
    ran = copperplate("update", "--template", unversioned)
    assert ran.code == 3
    assert "has no version 'unreleased'" in ran.complaint[0]


@pytest.mark.usefixtures("unversioned")
def test_a_project_without_a_version_is_updated_once_the_user_names_one(
    copperplate: Run, shop: World, folder: Path
) -> None:
    write(shop, "2.0", folder, tag="2.0")
    shop.write(".copier-answers.yml", shop.read(".copier-answers.yml").replace("unreleased", "1.0"))
    shop.commit()
    assert copperplate("update", "--template", folder.as_uri(), "--no-verify").code == 0
    assert recorded(shop) == ("2.0", f"git+{folder.as_uri()}")
    assert (shop.read("a.txt"), shop.read("b.txt")) == (numbered(9, l4="theirs"), "ours\n")


def test_a_named_template_that_runs_code_needs_trust(copperplate: Run, shop: World, folder: Path) -> None:
    with (folder / "copier.yml").open("a") as file:
        file.write("---\n_tasks: [touch ran]\n")
    git("commit", "--quiet", "--all", "--message=tasks", cwd=folder)
    for arguments in (("status",), ("diff",), ("update", "--no-verify")):
        ran = copperplate(*arguments, "--template", folder)
        assert ran.code == 3
        assert "--trust" in ran.complaint[1]
    for arguments in (("diff",), ("update", "--no-verify")):
        assert copperplate(*arguments, "--template", folder, "--trust").code == 0
    assert not (shop.project / "ran").exists()


def test_a_version_without_a_template_is_wrong_usage(copperplate: Run, shop: World) -> None:
    assert copperplate("status", "--template-version", "1.0").code == 2
    assert copperplate("status", "--template", shop.project).code == 2
