"""What holds after every update, told from lines and bytes alone: nothing here knows how the engine works."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copperplate.errors import ExitCode
from copperplate.updating.report import Report
from copperplate.updating.results import State, UpdateResult
from tests.update.property.evolving import ANSWERS
from tests.update.property.seeing import Blob, Files, own, sharing

if TYPE_CHECKING:
    from tests.update.property.living import Everything

_ELSEWHERE = {"directory rename suggested", "file/directory"}
"""Conflicts of a file of the user's that goes along with the renamed package, or for which there is no room."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All before the update. The answers file, which the template makes and nobody touches, is told of apart."""

    base: Files
    """The template as it was."""
    ours: Files
    """The project as committed."""
    theirs: Files
    """The template as it will be."""
    loose: frozenset[str]
    """Files that are ignored, untracked, or edited and not committed."""
    before: Files
    """The folder as it stands, with all of those."""

    def is_touched(self, path: str) -> bool:
        return self.ours.get(path) != self.base.get(path)

    @property
    def is_told_by_lines(self) -> bool:
        """Nothing was moved, deleted or made anew by anybody: then lines alone say what comes out."""
        return set(self.base) <= set(self.ours) and set(self.base) <= set(self.theirs)

    def is_in_the_way(self, path: str, report: Report) -> bool:
        """A file of one side is where the other has a folder; then git gives it a name beside, and tells so."""
        aside = any(conflict.path.startswith(f"{path}~") for conflict in report.conflicts)
        return aside and any(other.startswith(f"{path}/") for other in {*self.ours, *self.theirs})

    def relatives(self, path: str) -> set[str]:
        """The files of the old template that have something to do with what it has at `path` now."""
        theirs = self.theirs.get(path)
        return {path} | (sharing(theirs, self.base) if theirs else set())


def check(scene: Scene, result: UpdateResult, after: Files, unmerged: Collection[str]) -> None:
    """`unmerged` is git's own account of the conflicts."""
    report = result.report
    conflicts = {conflict.path for conflict in report.conflicts}
    assert conflicts == set(unmerged), "the report and git tell of different conflicts"
    assert (result.state is State.CONFLICTS) == bool(conflicts)
    assert result.exit_code == (ExitCode.CONFLICTS if conflicts else ExitCode.DONE)
    _no_line_is_lost(scene, report, after, conflicts)
    _nothing_changes_silently(scene, report, after, conflicts)
    for conflict in report.conflicts:
        if conflict.kind in _ELSEWHERE and conflict.origin and conflict.origin not in scene.base:
            assert after[conflict.path] == scene.ours[conflict.origin], f"{conflict.path} is another file"
    for path in scene.loose:
        assert after.get(path) == scene.before[path], f"{path} is not committed, and not what it was"
    for path in sorted({*scene.base, *scene.ours, *scene.theirs, *after} - {ANSWERS} - scene.loose):
        if path not in conflicts:
            _as_it_should_be(scene, report, path, after.get(path))


def resolved(scene: Scene, after: Files) -> None:
    """Who keeps both sides of all conflicts has all lines."""
    there = {token for blob in after.values() for token in blob.tokens}
    for path, blob in scene.ours.items():
        lost = [token for token in own(blob.tokens) if token not in there]
        assert not lost, f"lines of {path} are lost by resolving: {lost}"


def _no_line_is_lost(scene: Scene, report: Report, after: Files, conflicts: Collection[str]) -> None:
    """A line that is in the index alone is lost: resolving takes it away from there."""
    shown = {token for path in conflicts if path in after for token in after[path].tokens}
    moved = {path: {path} for path in scene.ours}
    for change in (*report.renamed, *report.merged, *report.kept):
        if change.origin:
            moved.setdefault(change.origin, {change.origin}).add(change.path)
    for path, blob in scene.ours.items():
        mine = own(blob.tokens)
        found = [own(after[place].tokens) for place in moved[path] if place in after and place not in conflicts]
        kept = next((tokens for tokens in found if set(mine) <= set(tokens)), None)
        if kept is None:
            lost = [token for token in mine if token not in shown]
            assert not lost, f"lines of {path} are lost: {lost}"
        else:
            assert [token for token in kept if token in set(mine)] == mine, f"lines of {path} are in another order"


def _nothing_changes_silently(scene: Scene, report: Report, after: Files, conflicts: Collection[str]) -> None:
    before = scene.before
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    told = [*report.updated, *report.added, *report.renamed, *report.merged, *report.deleted]
    names = [change.path for change in (*told, *report.kept)] + [change.path for change in report.kept_deleted]
    assert len(names) == len(set(names)), f"told of more than once: {sorted(names)}"
    assert not set(names) & set(conflicts), "in conflict and settled at once"
    paths = {change.path for change in told}
    moved = {change.origin for change in (*report.renamed, *report.merged)}
    origins = moved | {conflict.origin for conflict in report.conflicts}
    silent = changed - paths - origins - set(conflicts)
    assert not silent, f"changed, and not told of: {sorted(silent)}"
    assert paths <= changed, f"told of, and not changed: {sorted(paths - changed)}"


def _as_it_should_be(scene: Scene, report: Report, path: str, after: Blob | None) -> None:
    base, ours, theirs = scene.base.get(path), scene.ours.get(path), scene.theirs.get(path)
    relatives = scene.relatives(path)
    if scene.is_in_the_way(path, report):
        assert after is None, f"{path} is a file and a folder at once, and that is not told"
    elif not any(scene.is_touched(relative) for relative in relatives):
        assert after == theirs, f"{path} was not touched, and is not what a fresh project has"
    elif base is None and theirs is None:
        is_elsewhere = any(found.origin == path and found.kind in _ELSEWHERE for found in report.conflicts)
        if ours is None or not sharing(ours, scene.base):
            assert after == (None if is_elsewhere else ours), f"{path} is the user's own, and not what it was"
    elif base == theirs:
        assert after == ours, f"{path} is as the user has it, and the template has nothing new for it"
    if base and not ours and _is_gone(scene, base):
        assert after is None or path not in scene.base, f"{path} has come back"
        if theirs and theirs != base and relatives == {path}:
            told = {change.path for change in report.kept_deleted}
            assert path in told, f"{path} stays deleted, and that is not told"
    if base and ours and theirs and _is_simple(scene, path):
        _merged_by_lines(path, (base, ours, theirs), after)


def _is_gone(scene: Scene, base: Blob) -> bool:
    """Deleted, rather than moved elsewhere."""
    return not any(path not in scene.base for path in sharing(base, scene.ours))


def _is_simple(scene: Scene, path: str) -> bool:
    """Its lines have never been in any other file."""
    related = (
        sharing(blob, files)
        for files in (scene.base, scene.ours, scene.theirs)
        for blob in (scene.base[path], scene.ours[path], scene.theirs[path])
    )
    return all(found <= {path} for found in related)


def _merged_by_lines(path: str, sides: tuple[Blob, Blob, Blob], after: Blob | None) -> None:
    """What either side has added is there, what either has taken out is not; the order is that of both."""
    base, ours, theirs = (side.tokens for side in sides)
    assert after is not None, f"{path} is gone"
    if not all(side.is_text for side in sides) or len(ours) != len(set(ours)):
        return
    b, o, t = set(base), set(ours), set(theirs)
    result = after.tokens
    assert set(result) == (o & t) | (o - b) | (t - b), f"{path} is not the merge of both sides"
    for side in (ours, theirs):
        assert [token for token in result if token in set(side)] == [token for token in side if token in set(result)]
    modes = [side.mode for side in sides]
    assert after.mode == (modes[2] if modes[1] == modes[0] else modes[1]), f"{path} has the wrong mode"


def same(one: Files, other: Files) -> None:
    assert {path for path in {*one, *other} if one.get(path) != other.get(path)} == set()


def restored(before: "Everything", after: "Everything") -> None:
    """After an abort: all files, the index and the references, to the bit."""
    same(before.files, after.files)
    new = {path for path in after.git if path not in before.git and not path.startswith("objects/")}
    changed = {path for path in before.git if before.git[path] != after.git.get(path)}
    assert not new | changed, f"git's own files are not what they were: {sorted(new | changed)}"
