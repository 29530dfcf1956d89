"""Resources of a project in `copperplate update`, with two versions of the real template."""

import json
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from copperplate.system.disk import File
from copperplate.templates import bundled
from testing import ROOT
from testing import history_stream as writing
from testing.git import git

from .test_resource import Run, project, state, stream

__all__ = ["project", "stream"]

SERVICE = "resource/files/src/{{ package_name }}/{{ resource.name }}/service.py.jinja"


@pytest.fixture
def newer(stream: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version 1.1.0 of the template, in which services begin with another line."""
    files = dict(writing.working_tree(ROOT))
    files[SERVICE] = File(files[SERVICE].mode, b"# newer\n" + files[SERVICE].content)
    both = writing.appended(stream, "1.1.0", files, epoch=1)
    monkeypatch.setattr(bundled, "stream", lambda: both)


def test_status_and_diff_know_what_the_user_changed_in_a_resource(copperplate: Run, project: Path) -> None:
    copperplate("resource", "add", "orders", "number:str:20", "--no-verify", "--project", project)
    with (project / "src/shop/orders/service.py").open("a") as file:
        file.write("MINE = 1\n")
    found = json.loads(copperplate("status", "--json", "--project", project).stdout)
    assert "src/shop/orders/service.py" in found["edited_files"]
    own = [path for path in found["own_files"] if "orders" in path]
    assert [path.rpartition("_add_")[2] for path in own] == ["orders.py"]
    assert "+MINE = 1" in copperplate("diff", "--project", project).stdout


def test_resources_come_along_with_the_lines_of_the_user(
    copperplate: Run, project: Path, request: pytest.FixtureRequest
) -> None:
    copperplate("resource", "add", "orders", "number:str:20", "--no-verify", "--project", project)
    service = project / "src/shop/orders/service.py"
    service.write_text(service.read_text() + "\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=project)
    request.getfixturevalue("newer")
    ran = copperplate("update", "--no-verify", "--no-lock", "--json", "--project", project)
    assert ran.code == ExitCode.DONE, ran.stderr
    report = json.loads(ran.stdout)["result"]["report"]
    assert [each["path"] for each in report["merged"]] == ["src/shop/orders/service.py"]
    text = service.read_text()
    assert (text.startswith("# newer\n"), text.endswith("MINE = 1\n"), state(project)[1]) == (True, True, "")
    assert '_commit: "1.1.0"' in (project / ".copperplate/resources/orders.yml").read_text()
