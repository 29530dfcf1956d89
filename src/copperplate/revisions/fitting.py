"""Revisions that arrived from the template, put behind those that the project has."""

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.revisions import chain
from copperplate.revisions.changes import Change, relative
from copperplate.revisions.places import Layout
from copperplate.revisions.script import Script


def fit(folder: Path, package: str, arrived: Sequence[str], *, layout: Layout | None = None) -> tuple[Change, ...]:
    """Make the revisions at the paths `arrived` follow the project's head, one after the other, in their own order.

    They are new to this project, so no database knows them: `down_revision` may be rewritten, and `revision` too where
    the project uses that name for one of its own. All others keep every byte. Raises `RefusedError` before anything is
    written where the project's own have not exactly one head, or where a revision cannot be read.
    """
    root = folder.resolve()
    found, own = chain.parted(root, package, arrived, layout)
    new = chain.ordered(found)
    for each in new:
        refuse_intricate(each)
    after = chain.head(own)
    taken = {each.revision for each in own}
    written: list[tuple[Script, bytes, Change]] = []
    for each in new:
        revision = unused_id(each.revision, taken, seed=each.source)
        source = each.with_values(revision=revision, down_revision=after)
        if source != each.source:
            written.append(
                (each, source, Change(relative(each.file, root), revision, after, _note(each, revision, after)))
            )
        taken.add(revision)
        after = revision
    for each, source, _ in written:
        each.file.write_bytes(source)
    return tuple(change for *_, change in written)


def refuse_intricate(script: Script) -> None:
    """A revision that merges others, has labels or depends on others has its place from its author alone."""
    if not script.is_plain:
        raise RefusedError(
            f"the template's database revision {script.file.name} is a merge, or has labels or dependencies",
            "give it its place by hand; copperplate only moves plain ones",
        )


def unused_id(wanted: str, taken: Collection[str], *, seed: bytes) -> str:
    """`wanted`, or an id like Alembic's own: the same one each time that the same is asked."""
    revision, number = wanted, 0
    while revision in taken or not revision:
        revision = hashlib.sha256(b"%d %b %b" % (number, wanted.encode(), seed)).hexdigest()[:12]
        number += 1
    return revision


def _note(script: Script, revision: str, after: str | None) -> str:
    place = f"follows {after}" if after else "is the first"
    if revision == script.revision:
        return f"the new database revision {revision} {place}"
    return f"the new database revision {revision} {place} (the project has a {script.revision} of its own)"
