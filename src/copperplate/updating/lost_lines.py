"""Lost lines: the last check of every result, before it is applied.

Whatever a merge and the rules after it have come to: each line that the project has added to a file is in the result,
or in a file that is reported as a conflict. Line ends do not count, nor does `uv.lock`, which is made again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from copperplate.errors import BrokenError
from copperplate.git.scratch import Scratch
from copperplate.lockfile import LOCK
from copperplate.updating.line_counts import added, lines, words
from copperplate.updating.merge import STAGE_OURS
from copperplate.updating.outcome import Outcome

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class LostLine:
    path: str
    text: bytes


def refuse(scratch: Scratch, outcome: Outcome, tree: str) -> None:
    """Raise `BrokenError` if a line of the project's is neither in `tree`, what it is to become, nor in a conflict."""
    lost = next(find(scratch, outcome, tree), None)
    if lost is not None:
        text = lost.text.decode("utf-8", "replace").strip()[:_SHOWN]
        raise BrokenError(
            f"the update would lose a line of yours in {lost.path}: {text!r}",
            "nothing has been changed; please report this, with both versions of the template",
        )


def find(scratch: Scratch, outcome: Outcome, tree: str) -> Iterator[LostLine]:
    """The lines of the project's own that are gone; those of the template are not its own, wherever they stand."""
    base, ours, result = outcome.base, outcome.ours, scratch.entries(tree)
    conflicts = {conflict.path for conflict in outcome.conflicts}
    moved = {entry for path, entry in result.items() if path not in ours}
    suspects = [
        path
        for path, entry in ours.items()
        if entry not in {base.get(path), result.get(path), *moved} and path not in {LOCK, *conflicts}
    ]
    if not suspects:
        return
    changed = [entry for path, entry in result.items() if entry != ours.get(path)]
    shown = [conflict.stages[STAGE_OURS] for conflict in outcome.conflicts if STAGE_OURS in conflict.stages]
    kept = lines(scratch, [*changed, *shown])
    moved_to = {change.origin: change.path for change in outcome.template if change.origin}
    of_template = None
    for path in suspects:
        places = [result.get(place) for place in (path, moved_to.get(path)) if place]
        mine, there = added(scratch, base.get(path), ours[path]), lines(scratch, places)
        if path in outcome.by_element:
            mine, there = words(mine) - words(lines(scratch, [base.get(path)])), words(there)
        missing = mine - there - kept
        if missing and of_template is None:
            of_template = lines(scratch, base.values())
        yield from (LostLine(path, line) for line in missing if of_template is not None and line not in of_template)
