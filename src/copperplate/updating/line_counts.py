"""Line counts: the lines of files, and what one version of a file has more of than another. Line ends do not count."""

import re
from collections import Counter
from collections.abc import Iterable

from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry

_WORD = re.compile(rb"[\w.]+")


def added(scratch: Scratch, before: Entry | None, after: Entry | None) -> Counter[bytes]:
    """The lines that one version of a file has more often than another."""
    return lines(scratch, [after]) - lines(scratch, [before])


def words(counted: Counter[bytes]) -> Counter[bytes]:
    """The words of these lines."""
    return Counter(word for line in counted.elements() for word in _WORD.findall(line))


def lines(scratch: Scratch, entries: Iterable[Entry | None]) -> Counter[bytes]:
    """The lines of all these files, each with the times that it is there."""
    found = [entry for entry in entries if entry is not None]
    contents = scratch.contents(found)
    counted = Counter[bytes]()
    for entry in found:
        counted.update(line.rstrip(b"\r") for line in contents[entry.oid].split(b"\n"))
    return counted
