"""Lists to which both sides of a merge add: git sees a conflict where their lines meet, and often there is none."""

from copperplate.updating.lists.conflicts import merge

__all__ = ["merge"]
