"""Lists to which both sides of a merge add: git compares lines, and so it sees too many conflicts or too few."""

from copperplate.updating.lists import clean_merges, conflicts
from copperplate.updating.merge import Merged, Sides
from copperplate.updating.scratch import Scratch

__all__ = ["merge"]


def merge(scratch: Scratch, sides: Sides, merged: Merged) -> Merged:
    """Resolve the conflicts in lists that have one reasonable result; refuse results of git that are not right."""
    return clean_merges.review(scratch, sides, conflicts.merge(scratch, sides, merged))
