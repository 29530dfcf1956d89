"""Documents of the repository agree with the code."""

import re
from itertools import chain
from pathlib import Path

import pytest

from copperplate.cli.main import app
from copperplate.errors import ExitCode
from copperplate.questions import manifest
from copperplate.templates import bundled
from copperplate.update import merge
from copperplate.verify import LEVELS
from testing import ROOT

DOCUMENTS = sorted(chain(ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def first_column(paper: Path) -> list[str]:
    return re.findall(r"^\| `(\w+)`", paper.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readme_has_the_test_command_of_ci() -> None:
    commands = re.findall(r"```console\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert f"count {commands[1]}" in script


@pytest.mark.parametrize("paper", DOCUMENTS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_to_a_file_has_a_target(paper: Path) -> None:
    broken = [link for link in LINK.findall(paper.read_text(encoding="utf-8")) if not (paper.parent / link).exists()]
    assert broken == []


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    assert [name for name in names if f"`copperplate {name}" not in readme] == []


def test_every_promise_of_the_readme_links_its_test() -> None:
    promises = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Promises")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!promise )(.*)", promises, re.MULTILINE)
    assert rows
    assert [row for row in rows if not re.search(r"\]\(tests/.*/test_\w+\.py\)", row)] == []


def test_the_guide_describes_every_question() -> None:
    asked = [question.name for question in manifest.load(ROOT).questions]
    described = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    assert [name for name in asked if f"`{name}`" not in described] == []


def test_the_guide_lists_the_levels_in_their_order_with_what_they_need() -> None:
    paper = ROOT / "docs" / "verify.md"
    assert first_column(paper) == [level.name for level in LEVELS]
    needs = re.findall(r"^\| `\w+` \|.*\|\s*([\w ]*?)\s*\|$", paper.read_text(encoding="utf-8"), re.MULTILINE)
    assert needs == [" and ".join(level.needs) for level in LEVELS]


def test_the_walk_through_resources_begins_with_a_released_version_that_can_be_updated() -> None:
    (version,) = re.findall(r"--template-version (\S+)", (ROOT / "docs" / "resources.md").read_text(encoding="utf-8"))
    assert version in bundled.released()
    assert bundled.is_newer(bundled.newest().version, version)


def test_the_guide_lists_every_exit_code_once() -> None:
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [str(int(code)) for code in ExitCode]


def test_the_guide_explains_every_kind_of_conflict() -> None:
    paper = (ROOT / "docs" / "updating.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| ([\w /,]+?) \|", paper.partition("### Kinds of conflicts")[2], re.MULTILINE)
    own = re.findall(r'kind="([^"]+)"', "".join(file.read_text() for file in (ROOT / "src").rglob("update/*.py")))
    assert own
    assert set(own) | set(merge.CONFLICT_KINDS) <= {name for row in described for name in row.split(", ")}


def test_the_index_of_decisions_lists_every_record() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [record.name for record in folder.glob("[0-9]*.md") if f"]({record.name})" not in index] == []
