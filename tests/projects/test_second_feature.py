"""Realistic own feature in a generated project: only `project.py` changes, and no other generated file.

`second_feature` has a resource with a relation to items, a client of another API with required settings and a readiness
check, an upload, an event stream, a WebSocket, a command, a background loop and effects after the commit. Its orders
belong to nobody, so the project has no accounts: with them, `tests/test_isolation.py` would refuse such a feature.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from copperplate.commands.update import UpdateRequest, update
from copperplate.progress import Silent
from copperplate.system.disk import File
from copperplate.templates.bundled import SOURCE, Release
from copperplate.templates.releases import Releases
from copperplate.update.result import Options, State
from copperplate.verify import LEVELS, Status, Target, run_levels
from testing import history_stream
from testing.matrix import slots
from testing.matrix.slots import Slot
from tests.projects.answers import EVERYTHING
from tests.projects.running import forget_development_data, tool

pytestmark = pytest.mark.long

FEATURE = Path(__file__).with_name("second_feature")
OWN = "src/shop/project.py"
SOMEBODY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
EARLIER, LATER = "1.0", "1.1"


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project(
        "row-3.12", EVERYTHING | {"observability": False, "auth": "none", "api_keys": False, "oidc": False}, "3.12"
    )
    forget_development_data(shop)
    slots.warm_up_types(shop, "3.12")
    answers = shop / ".copier-answers.yml"
    text = re.sub(r"(?m)^_commit: .*", f'_commit: "{EARLIER}"', answers.read_text())
    answers.write_text(re.sub(r"(?m)^_src_path: .*", f'_src_path: "{SOURCE}"', text))
    git(shop, "init", "--quiet")
    commit(shop, "Print")
    shutil.copytree(FEATURE, shop, dirs_exist_ok=True)
    tool(shop, "shop", "revision", "add orders")
    commit(shop, "Orders")
    return shop


def git(project: Path, *arguments: str) -> str:
    command = ["git", *SOMEBODY, *arguments]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def commit(project: Path, message: str) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", f"--message={message}")


def test_only_project_py_changes(project: Path) -> None:
    changed = [line.split("\t") for line in git(project, "show", "--format=", "--name-status").splitlines()]
    assert [path for status, path in changed if status != "A"] == [OWN]
    (revision,) = (path for _, path in changed if "/versions/" in path)
    assert 'ForeignKeyConstraint(["item_id"], ["items.id"]' in (project / revision).read_text()


def test_the_feature_passes_format_lint_types_and_its_tests(project: Path) -> None:
    tool(project, "ruff", "format", "--check", ".")
    tool(project, "ruff", "check", ".")
    tool(project, "mypy")
    tool(project, "pytest", "tests/orders", "-q")


def test_after_an_update_and_another_option_all_checks_pass(project: Path) -> None:
    before = own_files(project)
    template = history_stream.working_tree()
    releases = Releases(SOURCE, {EARLIER: Release(EARLIER, template), LATER: Release(LATER, later(template))})
    for request, lock in ((UpdateRequest(), False), (UpdateRequest(stay=True, on=("observability",)), True)):
        result = update(
            project, request, releases=releases, options=Options(verify=False, lock=lock), progress=Silent()
        )
        assert result.state is State.LANDED, result.report.conflicts
    assert len(git(project, "diff", "--name-only", "HEAD~2").splitlines()) > 100
    assert own_files(project) == before
    results = run_levels(Target(project, "shop", "shop"), LEVELS).levels
    assert [result.tail for result in results if result.status is Status.FAILED] == []


def own_files(project: Path) -> dict[str, str]:
    names = [path.relative_to(FEATURE) for path in FEATURE.rglob("*.py")]
    names += [path.relative_to(project) for path in project.rglob("versions/*_add_orders.py")]
    return {str(name): (project / name).read_text() for name in names}


def later(template: Mapping[str, File]) -> dict[str, File]:
    """A template that has changed every module and every test but those that no update changes."""
    changed = dict(template)
    for path, file in template.items():
        kept = "/versions/" in path or path.endswith("/project.py")
        if path.endswith((".py", ".py.jinja")) and file.content and not kept:
            changed[path] = File(file.mode, b"# Of the later template.\n" + file.content)
    return changed
