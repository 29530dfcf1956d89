"""Projects of a template that somebody keeps in a git repository."""

from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import UpdateRequest, update
from copperplate.errors.inputs import RunsCodeError
from copperplate.progress import Silent
from copperplate.system.disk import write_files
from copperplate.update.result import Options, State, UpdateResult
from testing.cli import Ran
from testing.errors import with_fields
from testing.git import git
from testing.worlds import World, numbered


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "fork"
    folder.mkdir()
    git("init", "--quiet", cwd=folder)
    return folder


def publish(world: World, version: str, fork: Path) -> None:
    write_files(world.versions[version].files, fork)
    for arguments in (("add", "--all"), ("commit", "--quiet", f"--message={version}"), ("tag", f"v{version}")):
        git(*arguments, cwd=fork)


def moved(world: World, *, to: str | None = None, trust: bool = False) -> UpdateResult:
    return update(world.project, UpdateRequest(to=to), options=Options(verify=False, trust=trust), progress=Silent())


def printed(world: World, fork: Path) -> World:
    world.release("1.0", {"a.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs")})
    world.render("1.0", world.project)
    answers = world.read(".copier-answers.yml")
    world.write(
        ".copier-answers.yml",
        answers.replace('"1.0"', '"v1.0"').replace("git+copperplate://template", f"git+{fork.as_uri()}"),
    )
    world.commit()
    publish(world, "1.0", fork)
    return world


def test_a_project_moves_to_the_newest_tag_of_its_fork(world: World, fork: Path) -> None:
    printed(world, fork)
    assert moved(world).state is State.UNCHANGED
    publish(world, "2.0", fork)
    result = moved(world)
    assert (result.before, result.after) == ("v1.0", "v2.0")
    assert world.read("a.txt") == numbered(9, l4="theirs")
    assert f'_src_path: "git+{fork.as_uri()}"' in world.read(".copier-answers.yml")
    assert moved(world).state is State.UNCHANGED


def test_a_version_is_found_without_the_prefix_of_its_tag(world: World, fork: Path) -> None:
    printed(world, fork)
    publish(world, "2.0", fork)
    assert moved(world, to="2.0").after == "v2.0"


def test_a_fork_that_runs_code_is_refused_unless_trusted(world: World, fork: Path) -> None:
    printed(world, fork)
    more = "_jinja_extensions: [jinja2.ext.do]\n"
    questions = world.versions["1.0"].files["copier.yml"].content.decode()
    world.release("2.0", {"a.txt": "2\n"}, **{"copier.yml": more + questions})
    publish(world, "2.0", fork)
    with pytest.raises(RunsCodeError, check=with_fields(code=["_jinja_extensions"])):
        moved(world)
    assert moved(world, trust=True).state is State.LANDED


def test_status_of_a_fork_says_the_newest_that_was_fetched_and_fetches_if_the_address_is_named(
    copperplate: Callable[..., Ran], world: World, fork: Path
) -> None:
    printed(world, fork)
    assert moved(world).state is State.UNCHANGED
    publish(world, "2.0", fork)
    alone = copperplate("status", world.project)
    assert alone.code == 0
    assert "is at template v1.0, the newest that was fetched.\n" in alone.stdout
    named = copperplate("status", world.project, "--template", fork.as_uri())
    assert named.code == 1
    assert "is at template v1.0; the newest is v2.0.\n" in named.stdout
    assert "; the newest that was fetched is v2.0.\n" in copperplate("status", world.project).stdout
