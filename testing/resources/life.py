"""Life of a project with resources: requests, edits and updates in turn, each followed by checks of its promises."""

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from copperplate.commands import resource as resources
from copperplate.commands import resource_change
from copperplate.commands import update as updates
from copperplate.console import update_report
from copperplate.errors import CopperplateError, InputError, RefusedError
from copperplate.migrations import script
from copperplate.progress import Silent
from copperplate.resources import definitions
from copperplate.update.result import Options, State, UpdateResult
from copperplate.verify import Target
from copperplate.verify.session import Log, Session
from testing.git import git, output
from testing.matrix.slots import Slot
from testing.resources.requests import Requests
from testing.resources.template_versions import TemplateVersions
from testing.resources.user_edits import UserEdits, resolved

PROGRAM = Path(__file__).with_name("in_project.py")
PYTHON = "3.12"
DRAWN = ""
"""Name of an act that is drawn."""

OPTIONS = Options(verify=False, lock=False)


class Life:
    """One project, its template and its user; all that happens follows from the seed."""

    def __init__(self, project: Path, folder: Path, seed: int, told: Counter[str]) -> None:
        numbers = random.Random(seed)  # noqa: S311 - no secret
        self.project, self.numbers, self.told = project, numbers, told
        self.template = TemplateVersions(folder / "template", numbers)
        self.requests = Requests(numbers)
        self.user = UserEdits(project, numbers)
        self.history: list[str] = []
        self.rows: dict[str, list[dict[str, str | None]]] = {}
        self._begin()

    def live(self, acts: Sequence[str], address: str, *, tests: bool) -> None:
        """Act, and check after each command; `address` is that of a database, which is kept."""
        self.rows = self._migrated(address)
        for act in acts:
            verb: Callable[[], bool] = getattr(self, f"_{act if act != DRAWN else self._draw()}")
            if verb():
                self._check(address)
        if tests and (names := sorted(definitions.load_recorded(self.project))):
            self._tool("pytest", "-q", "-x", *(f"tests/{name}" for name in names), "tests/test_architecture.py")

    def _begin(self) -> None:
        """Have the project generated from the first version of the template."""
        file = self.project / ".copier-answers.yml"
        lines = [line for line in file.read_text().splitlines() if not line.startswith(("_commit:", "_src_path:"))]
        lines += [f"_commit: {self.template.version}", f"_src_path: {self.template.source}"]
        file.write_text("\n".join(lines) + "\n")
        git("init", "--quiet", cwd=self.project)
        self._commit("Start")

    def _draw(self) -> str:
        """Return an act that is possible now."""
        acts = ["add", "add", "update"]
        if definitions.load_recorded(self.project):
            acts += ["change"] * 5 + ["edit"] * 4 + ["own", "column", "remove"]
        return self.numbers.choice(acts)

    def _add(self) -> bool:
        found = self.requests.new(definitions.load_recorded(self.project))
        if found is None:
            return False
        return self._ran(
            f"add {found.name} {' '.join(found.fields)}",
            lambda: resources.add(self.project, [found], options=resources.Options(verify=False), progress=Silent()),
        )

    def _change(self) -> bool:
        known = definitions.load_recorded(self.project)
        name = self.numbers.choice(sorted(known))
        wish = self.requests.change(known[name], known)
        return self._ran(
            f"change {name} {wish}",
            lambda: resource_change.change(self.project, name, wish, None, options=OPTIONS, progress=Silent()),
        )

    def _remove(self) -> bool:
        name = self.numbers.choice(sorted(definitions.load_recorded(self.project)))
        removed = self._ran(
            f"remove {name}",
            lambda: resource_change.remove(self.project, name, None, options=OPTIONS, progress=Silent()),
        )
        if removed:
            self.user.forget(name)
        return removed

    def _update(self) -> bool:
        done = self.template.change()
        version = self.template.release()
        request = updates.UpdateRequest()
        return self._ran(
            f"update to {version}: {', '.join(done)}",
            lambda: updates.update(self.project, request, options=OPTIONS, progress=Silent()),
        )

    def _edit(self) -> bool:
        names = sorted(definitions.load_recorded(self.project))
        done = [self.user.edit(self.numbers.choice(names)) for _ in range(self.numbers.randint(1, 4))]
        if self.numbers.random() < 0.2:
            done.append(self.user.wire())
        return self._edited(done)

    def _own(self) -> bool:
        return self._edited([self.user.add_file(self.numbers.choice(sorted(definitions.load_recorded(self.project))))])

    def _column(self) -> bool:
        known = definitions.load_recorded(self.project)
        name = self.numbers.choice(sorted(known))
        head = script.head(script.read_all(self.project, "shop")) or ""
        self._edited([self.user.add_column(name, known[name].table, head)])
        return True

    def _edited(self, done: list[str]) -> bool:
        self.history.append(f"edit: {'; '.join(done)}")
        self.told["edits"] += len(done)
        self._commit("Edit")
        return False

    def _ran(self, what: str, command: Callable[[], Any]) -> bool:
        """Run a command, and finish it where it conflicts. A refused one must have changed nothing."""
        self.history.append(what)
        verb = what.partition(" ")[0]
        before = self._state()
        refused, result = _outcome(command)
        if refused:
            self.history.append(f"  refused: {refused.what}")
            self.told[f"{verb} refused: {_kind(refused)}"] += 1
            assert self._state() == before, "refused, and yet something has changed"
            return False
        self.told[verb] += 1
        if isinstance(result, UpdateResult):
            self._finish(verb, result)
        assert git("status", "--porcelain", cwd=self.project) == ""
        return True

    def _finish(self, verb: str, result: UpdateResult) -> None:
        if result.state is not State.CONFLICTS:
            return
        self.told[f"{verb} with conflicts"] += 1
        named = "update" if verb == "update" else f"resource {verb}"
        assert f"copperplate {named} --continue" in update_report.next_commands(result)
        left = {conflict.path for conflict in result.report.conflicts}
        self.history.append(
            f"  conflicts: {', '.join(f'{each.path} ({each.kind})' for each in result.report.conflicts)}"
        )
        for path in sorted(left):
            self._resolve(path, keep=verb != "remove")
        done = updates.resume(self.project, options=OPTIONS, progress=Silent())
        assert done.state is State.LANDED, done.state

    def _resolve(self, path: str, *, keep: bool) -> None:
        stages = {line.split()[2] for line in git("ls-files", "--stage", "--", path, cwd=self.project).splitlines()}
        file = self.project / path
        if {"2", "3"} <= stages:
            ours, theirs = (output("show", f":{stage}:{path}", cwd=self.project) for stage in (2, 3))
            file.write_text(resolved(theirs, ours))
        elif not keep and "3" not in stages:
            git("rm", "--quiet", "--force", "--", path, cwd=self.project)
            return
        elif "2" in stages:
            file.write_text(output("show", f":2:{path}", cwd=self.project))
        git("add", "--", path, cwd=self.project)

    def _check(self, address: str) -> None:
        missing = self.user.missing()
        assert not missing, f"lines of the user are lost: {', '.join(sorted(missing))}"
        assert len(self._heads()) == 1, f"the revisions have several heads: {self._heads()}"
        before, self.rows = self.rows, self._migrated(address)
        for table in before.keys() & self._tables():
            rows = before[table]
            for old, new in zip(rows, self.rows[table], strict=True):
                for name in old.keys() & new.keys():
                    if name in {"id", "created_at"}:
                        assert old[name] == new[name], f"{table}.{name} is another"
                    assert old[name] is None or new[name] is not None, f"{table}.{name} has lost its value"

    def _heads(self) -> set[str]:
        """By an oracle of its own: the revisions that none names as the one before it."""
        folder = self.project / "src/shop/migrations/versions"
        named = [
            {
                name: value.strip(" \"'")
                for line in file.read_text().splitlines()
                for name, _, value in [line.partition(" = ")]
                if name.startswith(("revision", "down_revision"))
            }
            for file in folder.glob("*.py")
            if file.stem != "__init__"
        ]
        parts = [{name.partition(":")[0]: value for name, value in each.items()} for each in named]
        parents = [each["down_revision"] for each in parts]
        assert len(set(parents)) == len(parents), "two revisions follow the same one"
        return {each["revision"] for each in parts} - set(parents)

    def _migrated(self, address: str) -> dict[str, list[dict[str, str | None]]]:
        """Migrate the database, compare it with the models, and return its rows."""
        told = json.loads(
            self._tool(
                "python", "-P", str(PROGRAM), str(self.project), "shop", *sorted(self._tables()), DATABASE_URL=address
            ).splitlines()[-1]
        )
        assert told["differences"] == [], "the database is not as the models: " + "\n".join(told["differences"])
        rows: dict[str, list[dict[str, str | None]]] = told["rows"]
        return rows

    def _tables(self) -> set[str]:
        found = {resource.table for resource in definitions.load_recorded(self.project).values()}
        links = {
            f"{resource.singular}_{field.name}"
            for resource in definitions.load_recorded(self.project).values()
            for field in resource.fields
            if field.kind == "refs"
        }
        return found | links

    def _state(self) -> tuple[str, str]:
        return git("rev-parse", "HEAD", cwd=self.project), git("status", "--porcelain", cwd=self.project)

    def _commit(self, message: str) -> None:
        git("add", "--all", cwd=self.project)
        git("commit", "--quiet", "--allow-empty", f"--message={message}", cwd=self.project)

    def _tool(self, name: str, *arguments: str, **settings: str) -> str:
        command = [str(self.project / ".venv/bin" / name), *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (
            f"{name} {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done.stdout


def _outcome(command: Callable[[], Any]) -> tuple[CopperplateError | None, Any]:
    """Return why the command was refused, or its result."""
    try:
        return None, command()
    except (InputError, RefusedError) as refused:
        return refused, None


def _kind(refused: Exception) -> str:
    """Return the first words that do not depend on names."""
    words = str(refused).split()
    return " ".join(word for word in words if word.isalpha())[:60]


@contextmanager
def database(project: Path) -> Iterator[str]:
    """Open an empty database until the context is left."""
    with Session(Target(project, "shop", "shop")) as session, Log() as log:
        yield session.servers(log).settings["DATABASE_URL"]


def live(  # noqa: PLR0913 - each decides what is lived, or how
    slot: Slot, folder: Path, seed: int, acts: Sequence[str], told: Counter[str], *, tests: bool = False
) -> None:
    """Live one life, of acts that are named or `DRAWN`; an error has its history as a note."""
    answers: dict[str, Any] = {"example": False} if seed % 2 else {"jobs": True, "mail": True, "auth": "session"}
    project = slot.installed_project(f"row-{PYTHON}", answers, PYTHON)
    folder.mkdir()
    life = Life(project, folder, seed, told)
    try:
        with database(project) as address:
            life.live(acts, address, tests=tests)
    except BaseException as error:
        error.add_note("\n".join([f"life {seed}:", *life.history]))
        raise
