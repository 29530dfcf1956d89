"""`copperplate verify`: a rendered project's own checks, run as its authors would run them."""

from pathlib import Path

from copperplate import project
from copperplate.progress import Progress
from copperplate.verify import Target, VerifyResult, run_levels


def verify(path: Path, *, progress: Progress) -> VerifyResult:
    """Run all levels over the project in `path`. Raises `RefusedError` where there is no project."""
    found = project.load(path)
    target = Target(found.root, found.package_name, found.distribution_name)
    return run_levels(target, progress=progress)
