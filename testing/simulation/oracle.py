"""Oracle for updates: it checks promises from lines and bytes alone, and shares no code with the update."""

import ast
import tomllib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate.errors import ExitCode
from copperplate.update.result import Report, State, UpdateResult
from testing.simulation.snapshots import Blob, Everything, Files, in_plain_line_ends, own, seen, sharing
from testing.simulation.sources import ENTRIES
from testing.simulation.template_model import ANSWERS

if TYPE_CHECKING:
    from testing.simulation.resolving import Resolving

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
    merges_by_lines: Callable[[str], bool] = lambda _: True
    is_converted: bool = False
    """All line ends are plain here, though they are not on the disk."""

    def converted(self, converts: bool) -> "Scene":  # noqa: FBT001 - a name would say no more
        """With plain line ends, where git converts them."""
        if not converts:
            return self
        base, ours, theirs, before = map(in_plain_line_ends, (self.base, self.ours, self.theirs, self.before))
        return replace(self, base=base, ours=ours, theirs=theirs, before=before, is_converted=True)

    def is_touched(self, path: str) -> bool:
        return self.ours.get(path) != self.base.get(path)

    @property
    def is_told_by_lines(self) -> bool:
        """Nothing was moved, deleted or made anew by anybody: then lines alone say what comes out."""
        is_there = set(self.base) <= set(self.ours) and set(self.base) <= set(self.theirs)
        return is_there and all(_is_simple(self, path) for path in self.base)

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
    _what_is_said_is_so(scene, report)
    _lists_are_merged(scene, after, conflicts)
    for conflict in report.conflicts:
        if conflict.kind in _ELSEWHERE and conflict.origin and conflict.origin not in scene.base:
            assert after[conflict.path] == scene.ours[conflict.origin], f"{conflict.path} is another file"
    for path in scene.loose:
        assert after.get(path) == scene.before[path], f"{path} is not committed, and not what it was"
    for path in sorted({*scene.base, *scene.ours, *scene.theirs, *after} - {ANSWERS} - scene.loose):
        if path not in conflicts:
            _as_it_should_be(scene, report, path, after.get(path))


def resolved(scene: Scene, after: Files) -> None:
    """All lines are there if both sides of all conflicts are kept."""
    there = {token for blob in after.values() for token in blob.tokens}
    for path, blob in scene.ours.items():
        lost = [token for token in own(blob.tokens) if token not in there]
        assert not lost, f"lines of {path} are lost by resolving: {lost}"


def _no_line_is_lost(scene: Scene, report: Report, after: Files, conflicts: Collection[str]) -> None:
    """A line that is in the index alone is lost: resolving takes it away from there."""
    shown = Counter(token for path in conflicts if path in after for token in after[path].tokens)
    for path in {change.path for change in (*report.renamed, *report.merged) if change.path in after}:
        before = Counter(scene.ours[path].tokens if path in scene.ours else ())
        shown += Counter(after[path].tokens) - before  # what has come there, wherever from
    moved = {path: {path} for path in scene.ours}
    for change in (*report.renamed, *report.merged, *report.kept):
        if change.origin:
            moved.setdefault(change.origin, {change.origin}).add(change.path)
    for path, blob in scene.ours.items():
        mine = own(blob.tokens)
        found = [own(after[place].tokens) for place in moved[path] if place in after and place not in conflicts]
        kept = next((tokens for tokens in found if Counter(mine) <= Counter(tokens)), None)
        if kept is None:
            lost = Counter(mine) - shown
            assert not lost, f"lines of {path} are lost: {sorted(lost)}"
        else:
            assert [token for token in kept if token in set(mine)] == mine, f"lines of {path} are in another order"


def _what_is_said_is_so(scene: Scene, report: Report) -> None:
    for conflict in report.conflicts:
        path = conflict.path
        if conflict.kind == "contents" and path in scene.base and path in scene.theirs:
            assert scene.is_touched(path), f"{path} conflicts, though the user has not touched it"
    for change in report.kept_deleted:
        is_known = any(path in scene.base for path in scene.relatives(change.path) | {change.origin})
        assert is_known, f"{change.path} is told of as deleted by the user, who has never had it"


def _lists_are_merged(scene: Scene, after: Files, conflicts: Collection[str]) -> None:
    """If both sides only add to a list, the result has all entries, in the order of either side."""
    for name in ENTRIES:
        for path in (name.replace("@", "shop"), name.replace("@", "store")):
            sides = [files[path].tokens for files in (scene.base, scene.ours, scene.theirs) if path in files]
            if len(sides) < 3 or not scene.merges_by_lines(path) or scene.base[path] == scene.theirs[path]:
                continue
            assert path not in conflicts, f"{path} conflicts, though both sides only add entries"
            result = after[path].tokens
            assert Counter(result) == Counter(sides[0]) | Counter(sides[1]) | Counter(sides[2]), (
                f"entries of {path} are missing, or there twice: {result}"
            )
            for side in sides:
                assert [token for token in result if token in set(side)] == side, f"entries of {path} in another order"
            text = after[path].content.decode()
            tomllib.loads(text) if path.endswith(".toml") else ast.parse(text)


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
    assert paths <= changed or scene.is_converted, f"told of, and not changed: {sorted(paths - changed)}"


def _as_it_should_be(scene: Scene, report: Report, path: str, after: Blob | None) -> None:
    base, ours, theirs = scene.base.get(path), scene.ours.get(path), scene.theirs.get(path)
    relatives = scene.relatives(path)
    if scene.is_in_the_way(path, report):
        assert after is None, f"{path} is a file and a folder at once, and that is not told"
    elif not any(scene.is_touched(relative) for relative in relatives):
        assert after == theirs, f"{path} was not touched, and is not what a fresh project has"
    elif base is None and theirs is None:
        is_elsewhere = any(found.origin == path and found.kind in _ELSEWHERE for found in report.conflicts)
        if ours is None or sharing(ours, scene.base) <= set(scene.ours):  # nothing was moved here
            assert after == (None if is_elsewhere else ours), f"{path} is the user's own, and not what it was"
    elif base == theirs:
        assert after == ours, f"{path} is as the user has it, and the template has nothing new for it"
    if base and not ours and _is_gone(scene, base):
        assert after is None or path not in scene.base, f"{path} has come back"
        if theirs and theirs != base and relatives == {path}:
            told = {change.path for change in report.kept_deleted}
            told |= {conflict.path.rpartition("~")[0] for conflict in report.conflicts}  # beside the user's folder
            assert path in told, f"{path} stays deleted, and that is not told"
    if base and ours and theirs and _is_simple(scene, path) and scene.merges_by_lines(path):
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
    """Additions of either side are there, removed lines are not, and the order is that of both."""
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
    """The order of entries in lists that are sets depends on the steps in which they came."""
    lists = {name.replace("@", package) for name in ENTRIES for package in ("shop", "store")}
    differing = {path for path in {*one, *other} if one.get(path) != other.get(path)}
    in_order = {path for path in differing & lists & {*one} & {*other} if _entries(one[path]) == _entries(other[path])}
    assert differing - in_order == set(), f"files are others: {sorted(differing - in_order)}"


def _entries(file: Blob) -> list[bytes]:
    return sorted(file.content.splitlines())


def untouched(other: Path | None, before: Files, after: Files) -> None:
    """Another project of the repository is as it was."""
    if other:
        paths = {path for path in {*before, *after} if path.startswith(f"{other.name}/")}
        assert paths, "it has no files"
        changed = sorted(path for path in paths if before.get(path) != after.get(path))
        assert not changed, f"files of another project are others: {changed}"


def restored(before: "Everything", after: "Everything") -> None:
    """After an abort: all files with their modes, the index and the references, to the bit."""
    same(before.files, after.files)
    wrong = {path for path in {*before.modes, *after.modes} if before.modes.get(path) != after.modes.get(path)}
    assert not wrong, f"the modes of files or folders are not what they were: {sorted(wrong)}"
    same_for_git(before, after)


def same_for_git(before: "Everything", after: "Everything") -> None:
    new = {path for path in after.git if path not in before.git and not path.startswith("objects/")}
    new = {path for path in new if not path.rpartition("/")[2].startswith("sharedindex.")}
    changed = {path for path in before.git if before.git[path] != after.git.get(path)}
    assert not new | changed, f"git's own files are not what they were: {sorted(new | changed)}"


def aborted(before: "Everything", after: "Everything", user: "Resolving", prefix: str, kept: Path | None) -> None:
    """After an abort, when the user has worked on since: all as before, but for what the user has made."""
    changed = sorted(path for path in {*before.files, *after.files} if before.files.get(path) != after.files.get(path))
    wrong = [path for path in changed if not user.is_touched(path.removeprefix(prefix))]
    assert not wrong, f"files are not what they were before: {wrong}"
    paths = {*before.modes, *after.modes}
    modes = sorted(path for path in paths if before.modes.get(path) != after.modes.get(path))
    wrong = [path for path in modes if not user.is_touched(path.removeprefix(prefix))]
    assert not wrong, f"modes are not what they were before: {wrong}"
    places = [*after.files.values(), *(seen(kept).values() if kept else ())]
    lost = user.written - {token for blob in places for token in blob.tokens}
    assert not lost, f"lines that the user wrote meanwhile are neither in the project nor in {kept}: {sorted(lost)}"
    if kept is None and not user.staged:
        same_for_git(before, after)
