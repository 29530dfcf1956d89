"""The lock is made anew by uv itself, from packages that are made here: no network, and versions that never change."""

import tomllib
import zipfile
from pathlib import Path

import pytest

from copperplate import lockfile, uv
from copperplate.commands.update import resume
from copperplate.console import update_report
from copperplate.errors import BrokenError
from copperplate.progress import Silent
from copperplate.update.result import Options, State
from testing.worlds import World

PROJECT = """\
[project]
name = "{{ distribution_name }}"
version = "0"
requires-python = ">={{ python_version }}"
dependencies = %s

[tool.uv]
no-index = true
find-links = ["%s"]
"""

PINNED = {".python-version": "3.12\n"}


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """An index in a folder: alpha needs beta from 2.0 on; own is the user's."""
    folder = tmp_path / "links"
    folder.mkdir()
    for name, version, *needs in [
        ("alpha", "1.0"),
        ("alpha", "2.0", "beta"),
        ("alpha", "3.0", "beta"),
        ("beta", "1.0"),
        ("beta", "2.0"),
        ("own", "1.0"),
        ("own", "2.0"),
    ]:
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            facts = f"{name}-{version}.dist-info"
            required = "".join(f"Requires-Dist: {need}\n" for need in needs)
            wheel.writestr(f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}")
            wheel.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{facts}/RECORD", "")
    return folder


def settings(links: Path, *dependencies: str) -> str:
    return PROJECT % (str(list(dependencies)).replace("'", '"'), links)


def locked(folder: Path, links: Path, *dependencies: str) -> str:
    """The lock of a project in which exactly these are pinned."""
    folder.mkdir(exist_ok=True)
    text = (
        settings(links, *dependencies)
        .replace("{{ distribution_name }}", "shop")
        .replace("{{ python_version }}", "3.12")
    )
    (folder / "pyproject.toml").write_text(text)
    (folder / ".python-version").write_text("3.12\n")
    uv.lock(folder)
    return (folder / "uv.lock").read_text()


def versions(lock: str) -> dict[str, str]:
    return {package["name"]: package["version"] for package in tomllib.loads(lock)["package"]}


@pytest.fixture
def behind(world: World, links: Path, tmp_path: Path) -> World:
    """The template locked alpha 1.0 at first, then alpha 2.0 with beta 1.0; there are newer ones of both."""
    one = locked(tmp_path / "one", links, "alpha==1.0")
    two = locked(tmp_path / "two", links, "alpha==2.0", "beta==1.0")
    world.release("1.0", {**PINNED, "pyproject.toml.jinja": settings(links, "alpha")}, **{"template.lock": one})
    world.release("2.0", {**PINNED, "pyproject.toml.jinja": settings(links, "alpha>=2")}, **{"template.lock": two})
    world.render("1.0", world.project)
    world.write("uv.lock", one)
    uv.lock(world.project)
    world.commit()
    return world


def test_an_unchanged_project_gets_the_versions_of_the_template(behind: World) -> None:
    result = behind.update()
    assert result.state is State.LANDED
    assert versions(behind.read("uv.lock")) == {"alpha": "2.0", "beta": "1.0", "shop": "0"}
    assert [(change.name, change.before, change.after) for change in result.report.lock] == [
        ("alpha", "1.0", "2.0"),
        ("beta", None, "1.0"),
    ]
    assert behind.status() == ""
    assert uv.run("lock", "--check", cwd=behind.project).code == 0


def test_packages_of_other_projects_are_not_locked(behind: World, links: Path, tmp_path: Path) -> None:
    """Though nothing that this project needs has changed, so that uv would be content with a lock of more."""
    more = locked(tmp_path / "more", links, "alpha==1.0", "beta==1.0")
    behind.release("3.0", {**PINNED, "pyproject.toml.jinja": settings(links, "alpha")}, **{"template.lock": more})
    before = behind.read("uv.lock")
    result = behind.update(to="3.0")
    assert result.state is State.LANDED
    assert behind.read("uv.lock") == before
    assert result.report.lock == ()


def test_newer_versions_and_own_packages_of_the_user_are_kept(behind: World, links: Path) -> None:
    behind.write(
        "pyproject.toml",
        settings(links, "alpha", "own", "beta")
        .replace("{{ distribution_name }}", "shop")
        .replace("{{ python_version }}", "3.12"),
    )
    assert (
        uv.run("lock", "--upgrade-package", "own==1.0", "--upgrade-package", "beta==2.0", cwd=behind.project).code == 0
    )
    behind.commit()
    before = versions(behind.read("uv.lock"))
    assert before == {"alpha": "1.0", "beta": "2.0", "own": "1.0", "shop": "0"}
    result = behind.update()
    assert result.state is State.LANDED
    assert [change.path for change in result.report.merged] == ["pyproject.toml"]
    assert 'dependencies = ["alpha>=2", "own", "beta"]\n' in behind.read("pyproject.toml")
    assert versions(behind.read("uv.lock")) == {"alpha": "2.0", "beta": "2.0", "own": "1.0", "shop": "0"}
    assert behind.status() == ""
    assert behind.git("show", "--name-only", "--format=", "HEAD").split() == [
        ".copier-answers.yml",
        "pyproject.toml",
        "uv.lock",
    ]


@pytest.mark.parametrize("by_user", [False, True])
def test_the_changes_of_a_lock_made_before_the_conflicts_are_reported_at_the_end(
    behind: World,
    by_user: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    lock = behind.versions["2.0"].files["template.lock"].content
    files = {name.removeprefix("template/"): file.content for name, file in behind.versions["2.0"].files.items()}
    kept = {name: files[name] for name in (*PINNED, "pyproject.toml.jinja")}
    behind.release("2.0", {**kept, "note.txt": "theirs\n"}, **{"template.lock": lock})
    behind.write("note.txt", "ours\n")
    behind.commit()
    begun = behind.update()
    assert begun.state is State.CONFLICTS
    behind.write("note.txt", "both\n")
    behind.git("add", "note.txt")
    if by_user:
        behind.git("commit", "--quiet", "--message=mine")
    done = resume(behind.project, options=Options(verify=False), progress=Silent())
    assert done.report.lock == begun.report.lock != ()
    assert next(update_report.next_commands(done)) == "uv sync"


def test_without_locking_the_lock_is_unchanged(behind: World) -> None:
    before = behind.read("uv.lock")
    behind.update(lock=False)
    assert behind.read("uv.lock") == before


def test_a_failed_lock_changes_nothing(behind: World, links: Path) -> None:
    (links / "alpha-2.0-py3-none-any.whl").unlink()
    (links / "alpha-3.0-py3-none-any.whl").unlink()
    before = behind.git("rev-parse", "HEAD")
    with pytest.raises(BrokenError) as broken:
        behind.update()
    assert "--no-lock" in broken.value.hint
    assert (behind.git("rev-parse", "HEAD"), behind.status()) == (before, "")


def test_a_project_whose_checks_fail_is_not_changed(behind: World) -> None:
    behind.write("uv.lock", behind.read("uv.lock"))
    before = behind.git("rev-parse", "HEAD")
    result = behind.update(verify=True, lock=False)
    assert result.state is State.RED
    assert result.exit_code == 1
    assert result.verified is not None
    assert [level.name for level in result.verified.levels if level.status == "failed"] == ["lock"]
    assert (behind.git("rev-parse", "HEAD"), behind.status()) == (before, "")


def test_the_checkout_of_failed_checks_can_be_kept(behind: World) -> None:
    result = behind.update(verify=True, lock=False, keep_worktree=True)
    assert result.worktree is not None
    assert "alpha>=2" in (result.worktree / "pyproject.toml").read_text()
    assert behind.status() == ""


def package(name: str, version: str, *needs: str) -> str:
    dependencies = "".join(f"    {need},\n" for need in needs)
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "https://index.example" }}\n'
        + (f"dependencies = [\n{dependencies}]\n" if needs else "")
    )


def lock(*packages: str) -> str:
    return 'version = 1\nrequires-python = ">=3.12"\n\n' + "\n".join(packages)


def test_each_package_is_at_the_newer_version() -> None:
    ours = lock(package("a", "1.9"), package("b", "2.0"), package("mine", "1"))
    theirs = lock(package("a", "1.10"), package("b", "1.0"), package("new", "3"))
    assert versions(lockfile.compose(ours, theirs, newer=True)) == {"a": "1.10", "b": "2.0", "mine": "1", "new": "3"}
    assert versions(lockfile.compose(ours, theirs, newer=False)) == {"a": "1.9", "b": "2.0", "mine": "1", "new": "3"}


@pytest.mark.parametrize(("python", "markers"), [(">=3.12", "theirs"), (">=3.13", "ours")])
def test_the_markers_of_the_template_are_taken_if_it_is_for_the_same_pythons(python: str, markers: str) -> None:
    ours = f'requires-python = "{python}"\nresolution-markers = ["ours"]\n\n' + lock(package("a", "1"))
    theirs = 'requires-python = ">=3.12"\nresolution-markers = ["theirs"]\n\n' + lock(package("a", "1"))
    assert f'resolution-markers = ["{markers}"]' in lockfile.compose(ours, theirs, newer=True)
    assert lockfile.compose(ours, theirs, newer=False) == ours


def test_a_version_that_another_package_names_is_kept() -> None:
    needs = '{ name = "b", version = "1.0", source = { registry = "https://index.example" } }'
    ours = lock(package("a", "1", needs), package("b", "1.0"))
    theirs = lock(package("b", "2.0"))
    assert versions(lockfile.compose(ours, theirs, newer=True)) == {"a": "1", "b": "1.0"}


def test_a_lock_with_all_versions_of_the_template_is_unchanged() -> None:
    ours = lock(package("a", "2"), package("b", "1"))
    assert lockfile.compose(ours, lock(package("a", "1")), newer=True) == ours
