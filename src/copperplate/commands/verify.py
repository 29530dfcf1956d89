"""Command `copperplate verify`: it runs a project's own checks."""

from collections.abc import Iterable
from pathlib import Path

from copperplate import project
from copperplate.errors.inputs import ContradictionError, UnknownCheckError
from copperplate.progress import Progress
from copperplate.questions import validation
from copperplate.verify import LEVELS, Level, Target, VerifyResult, run_levels
from copperplate.verify.results import Reports, Suite


def verify(
    path: Path, *, checks: Iterable[Level] = LEVELS, progress: Progress, reports: Reports | None = None
) -> VerifyResult:
    """Run the checks of the project around `path`. Raises `RefusedError` if there is no project."""
    reports = reports or Reports()
    found = project.load(project.find(path))
    reports.check()
    target = Target(found.root, found.package_name, found.distribution_name)
    result = run_levels(target, checks, progress=progress)
    outcome = "passed" if result.passed else "failed"
    suite = Suite(found.distribution_name, result, outcome, result.seconds)
    reports.write([suite], title=f"{found.distribution_name}: {outcome}")
    return result


def chosen(only: Iterable[str], skip: Iterable[str]) -> tuple[Level, ...]:
    """Return the checks to run: those of `only`, or all, without those of `skip`. Each may be a list with commas."""
    wanted, unwanted = _names(only), _names(skip)
    known = [level.name for level in LEVELS]
    for name in (*wanted, *unwanted):
        if name not in known:
            raise UnknownCheckError(f"there is no check {name!r:.60}", validation.suggestion(name, known), name=name)
    checks = tuple(level for level in LEVELS if level.name in (wanted or known) and level.name not in unwanted)
    if not checks:
        what = "--only and --skip together leave no check to run"
        raise ContradictionError(what, "give one of them", names=("--only", "--skip"))
    return checks


def _names(given: Iterable[str]) -> list[str]:
    return [name.strip() for words in given for name in words.split(",")]
