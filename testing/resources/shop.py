"""Life of a shop: resources from one YAML file, edited by hand, changed, and updated across two releases."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from copperplate.questions.answers import Answers
from copperplate.resources import definitions
from copperplate.templates import bundled, template
from copperplate.templates.bundled import Release
from testing.git import git, output
from testing.history_stream import working_tree
from testing.matrix import projects, slots
from testing.matrix.slots import Slot
from testing.resources.template_versions import TemplateVersions
from testing.resources.user_edits import UserEdits, resolved

PROGRAM = "from copperplate.cli.main import main; main()"
PYTHON = "3.12"
ANSWERS = {"project_name": "Shop", "auth": "session", "jobs": True, "mail": True}
FIRST = "0.12.0"
"""Release of the template from which the shop is generated: the first that knows resources."""

CHANGES = (
    ("products", "weight:float:min=0:null", "--rename", "title:name"),
    ("orders", "paid_at:datetime:null", "--rename", "status:state"),
    ("shipments", "--rename", "lines:parts"),
    ("payments", "--only", "list,read,create,remove"),
)


@dataclass
class Shop:
    project: Path
    user: UserEdits
    seconds: dict[str, float] = field(default_factory=dict)
    conflicts: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - began
        print(f"{what}: {self.seconds[what]:.0f} s", file=sys.stderr, flush=True)  # noqa: T201 - progress of a script

    def run(self, what: str, *arguments: str, verify: bool) -> dict[str, Any]:
        """Run the command line; resolve its conflicts as a user would, and continue."""
        command = [sys.executable, "-c", PROGRAM, *arguments, "--json"]
        with self.timed(what):
            done = self._call(*command, *([] if verify else ["--no-verify"]))
            if done.returncode == 4:  # conflicts
                left = json.loads(done.stdout)["result"]["report"]["conflicts"]
                self.conflicts[what] = len(left)
                for conflict in left:
                    self._resolve(conflict["path"])
                verb = arguments[: 2 if arguments[0] == "resource" else 1]
                done = self._call(*command[:3], *verb, "--continue", "--json", *([] if verify else ["--no-verify"]))
        assert done.returncode == 0, (
            f"{what}: exit code {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
        missing = self.user.missing()
        assert not missing, f"{what}: lines of the user are lost: {missing}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def tool(self, name: str, *arguments: str) -> None:
        done = self._call(str(self.project / ".venv/bin" / name), *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def commit(self, message: str) -> None:
        git("add", "--all", cwd=self.project)
        git("commit", "--quiet", f"--message={message}", cwd=self.project)

    def _call(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=self.project, capture_output=True, text=True, check=False)

    def _resolve(self, path: str) -> None:
        ours, theirs = (output("show", f":{stage}:{path}", cwd=self.project) for stage in (2, 3))
        (self.project / path).write_text(resolved(theirs, ours))
        git("add", "--", path, cwd=self.project)


def live(slot: Slot, file: Path, folder: Path, *, verify: bool) -> Shop:
    """Live the whole life. All checks of the project pass after each step; without `verify`, only after the last."""
    numbers = random.Random(0)  # noqa: S311 - no secret
    versions = TemplateVersions(folder / "template", numbers, first=bundled.find(FIRST).files)
    shop = Shop(_generated(slot, versions), UserEdits(slot.folder / f"row-{PYTHON}", numbers))
    names = [each.name for each in definitions.read(file)]
    shop.run("add", "resource", "add", "--from", str(file.resolve()), verify=verify)
    _edit(shop, names)
    for change in CHANGES:
        shop.run(f"change {change[0]}", "resource", "change", *change, verify=verify)
    versions.write(working_tree())
    versions.release()
    shop.run("update to this checkout", "update", verify=verify)
    versions.change()
    versions.release()
    shop.run("update to a changed template", "update", verify=verify)
    if not verify:
        shop.run("verify", "verify", verify=True)
    return shop


def lines(project: Path, names: list[str]) -> dict[str, int]:
    """Return the lines of code of the resources, without empty ones."""
    found = {}
    for part, folder in (("src", project / "src/shop"), ("tests", project / "tests")):
        files = (file for name in names for file in (folder / name).rglob("*.py"))
        found[part] = sum(1 for file in files for line in file.read_text().splitlines() if line.strip())
    return found


def _generated(slot: Slot, versions: TemplateVersions) -> Path:
    project = slot.project(f"row-{PYTHON}", {})
    for entry in project.iterdir():
        if entry.name not in projects.KEPT:
            projects.remove(entry)
    with template.of_release(Release(versions.version, bundled.find(FIRST).files), versions.source) as opened:
        opened.render(project, Answers.from_data(dict(ANSWERS), opened.manifest))
    projects.lock(project, PYTHON)
    slots.install(project, PYTHON)
    git("init", "--quiet", cwd=project)
    git("add", "--all", cwd=project)
    git("commit", "--quiet", "--message=Start", cwd=project)
    return project


def _edit(shop: Shop, names: list[str]) -> None:
    """Edit each resource by hand: functions, comments and files of the user's own, formatted."""
    for name in names:
        shop.user.append(shop.project / "src/shop" / name / "service.py", name)
        shop.user.append(shop.project / "tests" / name / "test_router.py", name)
        shop.user.comment(shop.project / "src/shop" / name / "models.py", name)
        shop.user.add_file(name)
    shop.tool("ruff", "format", ".")
    shop.commit("By hand")
