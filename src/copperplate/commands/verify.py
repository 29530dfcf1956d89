"""`copperplate verify`: a rendered project's own checks, run as its authors would run them."""

from pathlib import Path

from copperplate import project
from copperplate.progress import Progress
from copperplate.reports import Reports
from copperplate.verify import Target, VerifyResult, run_levels
from copperplate.verify.report import Suite


def verify(path: Path, *, progress: Progress, reports: Reports | None = None) -> VerifyResult:
    """Run all levels over the project in `path`. Raises `RefusedError` where there is no project."""
    reports = reports or Reports()
    found = project.load(path)
    reports.check()
    target = Target(found.root, found.package_name, found.distribution_name)
    result = run_levels(target, progress=progress)
    outcome = "passed" if result.passed else "failed"
    suite = Suite(found.distribution_name, result, outcome, result.seconds)
    reports.write([suite], title=f"{found.distribution_name}: {outcome}")
    return result
