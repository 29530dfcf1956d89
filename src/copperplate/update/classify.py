"""Classification of the files of a result: whose version each one has, and whether a line of the user's is lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from copperplate.errors.updates import LostLineError
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Difference, compare
from copperplate.lockfile import LOCK
from copperplate.update.merge import STAGE_OURS, Conflict, added_lines, count_lines, count_words
from copperplate.update.result import ConflictLeft, FileChange, Report
from copperplate.update.rules import Outcome


@dataclass
class _Groups:
    found: dict[str, list[FileChange]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def put(self, group: str, path: str, origin: str | None = None) -> None:
        """Put the file into a group, unless it is already in one: two moves can end at the same file."""
        if path not in self._known:
            self._known.add(path)
            self.found.setdefault(group, []).append(FileChange(path, origin))

    @property
    def paths(self) -> set[str]:
        """Return all paths that were reported, with the old paths of moved files."""
        changes = [change for group in self.found.values() for change in group]
        return {path for change in changes for path in (change.path, change.origin) if path}

    def by_name(self) -> dict[str, Any]:
        """Return the groups by the names that they have in a report."""
        return {name: tuple(sorted(group, key=lambda change: change.path)) for name, group in self.found.items()}


def classify_files(scratch: Scratch, outcome: Outcome) -> Report:
    """Classify the files; other modules add the rest of the report."""
    sides = outcome.sides
    user = [change for change in scratch.differences(sides.base, sides.ours) if change.before]
    groups = _Groups()
    beside = f"~{sides.label.replace('/', '_')}"  # git's mark, if the user has something else of that name
    kept_deleted = [path.removesuffix(beside) for path in outcome.kept_deleted]
    told = {*(conflict.path for conflict in outcome.conflicts), *outcome.kept_deleted, *kept_deleted}
    told |= {_place(conflict) for conflict in outcome.conflicts if conflict.kind == "file/directory"}
    moved_by_user = {change.origin: change.path for change in user if change.origin}
    for change in outcome.template:
        moved_to = moved_by_user.get(change.origin or change.path)
        if not told & {change.path, change.origin, moved_to}:
            _put(groups, change, outcome, moved_to)
    origins = {change.path: change.origin for change in outcome.template}
    for place in kept_deleted:
        groups.put("kept_deleted", place, origins.get(place))
    changed = {path for change in outcome.template for path in (change.path, change.origin) if path}
    _put_kept(groups, user, outcome, told | changed)
    conflicts = tuple(_conflict(found, outcome, groups.paths) for found in outcome.conflicts)
    _put_rest(groups, outcome, told={path for found in conflicts for path in (found.path, found.origin)})
    return Report(**groups.by_name(), conflicts=conflicts)


def _conflict(found: Conflict, outcome: Outcome, told: set[str]) -> ConflictLeft:
    """Return the conflict with its origin: the project's removed file that it shows, or that the template has moved."""
    gone = {path: entry for path, entry in outcome.ours.items() if path not in outcome.result}
    beside = _place(found)
    mine = found.stages.get(STAGE_OURS) if found.path not in outcome.ours else None
    shown = [path for path, entry in gone.items() if entry == mine]
    # The path with the longest common end, if several files have the same content.
    shown.sort(key=lambda path: (path in told, -_common_end(path, beside)))
    moved = (change.origin for change in outcome.template if change.path in {found.path, beside})
    origins = shown + [origin for origin in moved if origin in gone]
    return ConflictLeft(found.path, found.kind, found.detail, next(iter(origins), None))


def _place(found: Conflict) -> str:
    """Return the path without the mark that git adds to the name of a displaced file: `~` and a label."""
    return found.path.rpartition("~")[0] or found.path


def _common_end(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(bool, (a == b for a, b in zip(reversed(one), reversed(other), strict=False))))


def _put(groups: _Groups, change: Difference, outcome: Outcome, moved_to: str | None) -> None:
    path, ours, result = change.path, outcome.ours, outcome.result
    before = change.origin or path
    if change.after is None:
        if before in ours and before not in result:
            groups.put("deleted", before)
    elif path not in result:
        if moved_to in result:
            as_it_was = result[str(moved_to)] == ours.get(str(moved_to))
            groups.put("kept" if as_it_was else "merged", str(moved_to), before)
        elif before not in ours and before in outcome.base:
            groups.put("kept_deleted", path, change.origin)
    elif result[path] == ours.get(path):
        if result[path] != change.after:
            groups.put("kept", path)
    elif result[path] != outcome.theirs[path] or (before in ours and ours[before] != outcome.base.get(before)):
        groups.put("merged", path, change.origin)
    elif change.origin:
        groups.put("renamed", path, change.origin)
    else:
        groups.put("updated" if change.before else "added", path)


def _put_kept(groups: _Groups, user: Iterable[Difference], outcome: Outcome, told: set[str]) -> None:
    for change in user:
        as_it_was = change.after is not None and outcome.result.get(change.path) == change.after
        if as_it_was and not told & {change.path, change.origin}:
            groups.put("kept", change.path, change.origin)


def _put_rest(groups: _Groups, outcome: Outcome, told: set[str | None]) -> None:
    """Classify every other changed file, so that no file changes without a report."""
    known = told | groups.paths
    origins = {change.path: change.origin for change in outcome.template}
    for change in compare(outcome.ours, outcome.result):
        path = change.path
        if path in known:
            continue
        if change.after is None:
            groups.put("deleted", path)
        elif change.after != outcome.theirs.get(path):
            groups.put("merged", path, origins.get(path))
        else:
            groups.put("updated" if change.before else "added", path)


_SHOWN = 60


def refuse_lost_lines(scratch: Scratch, outcome: Outcome, tree: str) -> None:
    """Raise `LostLineError` if a line of the project is neither in the result `tree` nor in a conflict."""
    for path, line in _lost_lines(scratch, outcome, tree):
        text = line.decode("utf-8", "replace").strip()[:_SHOWN]
        what = f"the update would lose a line of yours in {path}: {text!r}"
        hint = "nothing has been changed; please report this, with both versions of the template"
        raise LostLineError(what, hint, path=path, line=text)


def _lost_lines(scratch: Scratch, outcome: Outcome, tree: str) -> Iterator[tuple[str, bytes]]:
    """Return lost lines of the project, with their paths. Lines of the template, at any place, are not its own."""
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
    kept = count_lines(scratch, [*changed, *shown])
    moved_to = {change.origin: change.path for change in outcome.template if change.origin}
    of_template = None
    for path in suspects:
        places = [result.get(place) for place in (path, moved_to.get(path)) if place]
        mine, there = added_lines(scratch, base.get(path), ours[path]), count_lines(scratch, places)
        if path in outcome.by_element:
            mine, there = count_words(mine) - count_words(count_lines(scratch, [base.get(path)])), count_words(there)
        missing = mine - there - kept
        if missing and of_template is None:
            of_template = count_lines(scratch, base.values())
        yield from ((path, line) for line in missing if of_template is not None and line not in of_template)
