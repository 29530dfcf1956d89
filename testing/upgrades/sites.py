"""Projects for the trials: rows of the matrix, each rendered once for all trials."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from copperplate import lockfile, project, uv
from copperplate.errors import CopperplateError
from copperplate.questions.answers import Answers
from copperplate.templates import template
from copperplate.verify import Level, Status, Target, run_levels
from testing import ROOT, template_tests
from testing.matrix.levels import WHOLE
from testing.matrix.rows import Row
from testing.upgrades.progress import Lines
from testing.upgrades.survey import Failure


@dataclass
class Site:
    name: str
    path: Path
    failed: set[str] = field(default_factory=set)
    """Levels that have failed with all changes.

    After a failure, only these, and the levels that they need, run again.
    """

    def judged(self, lock: bytes, what: str) -> tuple[Failure, ...]:
        """Give the project the versions of `lock`, install them, and run the levels."""
        try:
            made_out = lockfile.with_root_name(lock.decode(), self._target.command)
            (self.path / "uv.lock").write_text(made_out, encoding="utf-8")
            uv.lock(self.path)
            uv.sync(self.path)
        except CopperplateError as error:
            return (Failure(self.name, "install", f"{error.what}\n{error.hint}"),)
        result = run_levels(self._target, self._levels(), progress=Lines(f"{self.name}, {what}"))
        failed = [level for level in result.levels if level.status is Status.FAILED]
        return tuple(Failure(self.name, level.name, level.tail) for level in failed)

    def _levels(self) -> Iterable[Level]:
        wanted = set(self.failed)
        for level in reversed(WHOLE):
            if level.name in wanted:
                wanted |= set(level.needs)
        return [level for level in WHOLE if level.name in wanted] if self.failed else WHOLE

    @property
    def _target(self) -> Target:
        found = project.load(self.path)
        return Target(found.root, found.package_name, found.distribution_name)


def rendered(folder: Path, answers: Answers) -> Path:
    """Render a project with the template's own tests, which use its libraries."""
    with template.from_checkout(ROOT) as source:
        source.render(folder, answers)
    template_tests.lay(folder)
    return folder


def of_row(folder: Path, row: Row) -> Site:
    with template.from_checkout(ROOT) as source:
        answers = Answers.from_data({"project_name": "Shop", **row.answers}, source.manifest)
    path = rendered(folder / row.name, answers)
    (path / ".python-version").write_text(f"{row.python}\n", encoding="utf-8")
    return Site(row.name, path)
