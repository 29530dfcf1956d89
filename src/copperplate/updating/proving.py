"""The project's own checks, run where they can do no harm."""

from typing import TYPE_CHECKING

from copperplate.progress import Progress
from copperplate.system.folders import KEPT
from copperplate.updating.tryout import Tryout

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


def proved(there: Tryout, package: str, command: str, *, progress: Progress, keep: bool) -> "VerifyResult":
    """Verify the project in the throw-away checkout; with `keep` that stays for the user to look at."""
    from copperplate.verify import Target, run_levels  # noqa: PLC0415 - only who asks for it pays for it

    if keep:
        (there.folder.parent / KEPT).touch()
    target = Target(there.project, package, command)
    return run_levels(target, progress=progress)
