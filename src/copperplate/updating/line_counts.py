"""Line counts: the lines of files, and what one version of a file has more of than another. Line ends do not count."""

from collections import Counter
from collections.abc import Iterable

from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import Entry


def added(scratch: Scratch, before: Entry | None, after: Entry | None) -> Counter[bytes]:
    """The lines that one version of a file has more often than another."""
    return lines(scratch, [after]) - lines(scratch, [before])


def lines(scratch: Scratch, entries: Iterable[Entry | None]) -> Counter[bytes]:
    """The lines of all these files, each with the times that it is there."""
    found = [entry for entry in entries if entry is not None]
    contents = scratch.contents(found)
    counted = Counter[bytes]()
    for entry in found:
        counted.update(line.rstrip(b"\r") for line in contents[entry.oid].split(b"\n"))
    return counted
