"""Which revision of a project is the one that its template renders, whatever the project has made of its name."""

from collections.abc import Sequence
from pathlib import Path

from copperplate.revisions import places, turning
from copperplate.revisions.script import Script


def kept(rendered: Script, path: str, own: Sequence[Script], root: Path) -> Script | None:
    """That of `own` which does the same; else which stands in its place; else which has its id and its title.

    Its id alone would not do: `0002` is what both the project and the template call their second. Nor is it the same
    id for ever, for a revision that arrives gets another one where the project uses that.
    """
    originals = [each for each in own if not turning.is_turn(each)]
    same = [each for each in originals if each.substance() == rendered.substance()]
    named = places.found(path, [each.file for each in same or originals], root)
    for each in same or originals:
        if each.file == named:
            return each
    if same:
        return next((each for each in same if each.revision == rendered.revision), same[0])
    titled = (each for each in originals if (each.revision, each.summary) == (rendered.revision, rendered.summary))
    return next(titled, None)
