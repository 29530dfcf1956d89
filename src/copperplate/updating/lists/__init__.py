"""Lists to which both sides of a merge add: git compares lines, and so it sees too many conflicts or too few."""

from collections.abc import Collection

from copperplate.git.scratch import Scratch
from copperplate.updating.lists import clean_merges, conflicts
from copperplate.updating.merge import Merged, Sides

__all__ = ["merge"]


def merge(scratch: Scratch, sides: Sides, merged: Merged, *, as_merged: Collection[str] = ()) -> Merged:
    """Resolve the conflicts in lists that have one reasonable result; refuse results of git that are not right.

    But leave the files of `as_merged` as git has merged them, for the user has asked for that.
    """
    return clean_merges.review(scratch, sides, conflicts.merge(scratch, sides, merged), as_merged=as_merged)
