"""The example in `docs/updating.md`, done as it is written there."""

import re
from collections.abc import Callable

import pytest

from testing import ROOT
from testing.cli import Ran
from testing.worlds import World
from tests.update.test_releases import rendered

Run = Callable[..., Ran]

GUIDE = (ROOT / "docs" / "updating.md").read_text(encoding="utf-8")
EXAMPLE = GUIDE.partition("### An example\n")[2].partition("### Kinds of conflicts\n")[0]
EDITED, STOPPED, MARKED, RESOLVED, _ADDED, CONTINUED, TOO_EARLY, STILL_MARKED = re.findall(
    r"```\w*\n(.*?)```", EXAMPLE, re.DOTALL
)
OFFLINE = ("--no-verify", "--no-lock")
SCRIPTS = re.compile(r"^\[project\.scripts\]\n.*?\n(?=\n)", re.MULTILINE | re.DOTALL)


def typed(block: str) -> list[str]:
    """The arguments of the command in a block of the guide."""
    return block.splitlines()[0].removeprefix("$ copperplate ").split()


def shown(block: str) -> str:
    """A pattern for what the guide shows below the command, where `…` stands for lines that are left out."""
    return re.escape(block.partition("\n")[2]).replace(re.escape("  …\n"), "(  .*\n)+")


def put_scripts(world: World, section: str) -> None:
    text = world.read("pyproject.toml")
    assert SCRIPTS.search(text)
    world.write("pyproject.toml", SCRIPTS.sub(section, text))


def test_the_example_of_the_guide_is_true(copperplate: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered(world.project, "0.7.1", {"project_name": "Shop"})
    monkeypatch.chdir(world.project)
    put_scripts(world, EDITED)
    world.commit()
    stopped = copperplate(*typed(STOPPED), *OFFLINE)
    assert stopped.code == 4
    assert re.fullmatch(shown(STOPPED), stopped.stdout)
    assert MARKED in world.read("pyproject.toml")
    early = copperplate(*typed(CONTINUED), *OFFLINE)
    assert (early.code, early.stderr) == (4, TOO_EARLY)
    world.git("add", "pyproject.toml")
    staged = copperplate(*typed(CONTINUED), *OFFLINE)
    assert (staged.code, staged.stderr) == (4, STILL_MARKED)
    world.write("pyproject.toml", world.read("pyproject.toml").replace(MARKED, RESOLVED))
    world.git("add", "pyproject.toml")
    continued = copperplate(*typed(CONTINUED), *OFFLINE)
    assert continued.code == 0
    (told,) = re.findall(r"^Update template .* committed as ", CONTINUED, re.MULTILINE)
    assert continued.stdout.startswith(told) or f"\n{told}" in continued.stdout
    assert RESOLVED in world.read("pyproject.toml")
    assert world.git("log", "-1", "--format=%s") == "Update template from 0.7.1 to 0.7.3"
    assert world.status() == ""
