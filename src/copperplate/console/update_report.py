"""Report of an update as lines of text, each with its style."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from copperplate.console import output
from copperplate.lockfile import LockChange
from copperplate.questions.manifest import written
from copperplate.update.result import AbortResult, ConflictLeft, FileChange, Report, State, UpdateResult

Line = tuple[str, str]
"""Text and style."""

_GROUPS = (
    ("updated", "updated", "green"),
    ("added", "added", "green"),
    ("renamed", "moved by the template", "green"),
    ("merged", "merged with your changes", "cyan"),
    ("kept", "kept with your changes", ""),
    ("deleted", "deleted by the template", "yellow"),
    ("kept_deleted", "kept deleted (you deleted them; the template has changed them)", "yellow"),
)
_HEADLINES = {
    State.LANDED: "{message}: committed as {commit:.10}.",
    State.PREVIEWED: "{message}: this is what would happen; nothing has been written.",
    State.CONFLICTS: "{message}: conflicts are left for you to resolve; nothing is committed yet.",
    State.RED: "{message}: the project's own checks fail with it, so nothing was changed.",
}
_RED_AGAIN = "{message}: the project's own checks fail with it, so the update is not finished."
_SHOWN = 5


def document(result: UpdateResult) -> dict[str, object]:
    """Return the result as the document of `--json`."""
    recovered = output.done(result.recovered)
    return {"result": asdict(result) | {"recovered": recovered}, "next": list(next_commands(result))}


def update_lines(result: UpdateResult) -> Iterator[Line]:
    if result.recovered:
        yield f"First: {output.done(result.recovered)}.", "yellow"
    if result.state is State.UNCHANGED:
        yield result.reason or f"Nothing to do: {result.project} is at template {result.before}.", ""
        return
    yield from report_lines(result.report)
    yield "", ""
    headline = _RED_AGAIN if result.resumed and result.state is State.RED else _HEADLINES[result.state]
    yield headline.format(message=result.message, commit=result.commit or ""), "bold"
    if left := result.unstaged:
        more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        yield f"Not staged, so not part of the update: {', '.join(left[:_SHOWN])}{more}", "yellow"
    if result.kept:
        yield f"Changes of other programs to files of the update are saved in {result.kept}.", "yellow"
    if result.worktree:
        yield f"The checkout in which the checks ran is kept: {result.worktree}", ""
    yield from (("  " + line, "") for line in next_commands(result))


def report_lines(told: Report) -> Iterator[Line]:
    for group, title, style in _GROUPS:
        yield from _listed(title, style, map(_path, getattr(told, group)))
    yield from _listed("conflicts", "red", map(_conflict, told.conflicts))
    yield from _listed("changed in uv.lock", "", map(_locked, told.lock))
    yield from _listed("database", "bold yellow", (change.note for change in told.revisions))
    yield from _listed(
        "rows of everybody: all users read them, and administrators change them", "bold yellow", told.shared
    )
    yield from _listed(
        "new options", "", (f"{new.name}: {written(new.answer)} ({new.help})" for new in told.new_options)
    )
    yield from _listed("answers that are no longer used", "", told.dropped_answers)
    for note in told.notes:
        yield from _listed(f"breaking in {note.version}", "bold red", note.breaking)
        yield from _listed(f"to do by hand for {note.version}", "bold yellow", note.steps)


def abort_lines(result: AbortResult) -> Iterator[Line]:
    yield f"Update cancelled: {len(result.restored)} files of {result.project} are restored.", "bold"
    if result.kept:
        yield f"Your later changes to these files are saved in {result.kept}.", "yellow"


def next_commands(result: UpdateResult) -> Iterator[str]:
    """Return the commands to type next."""
    if result.state is State.CONFLICTS:
        yield "edit each file that conflicts, then git add it (or git rm it)"
        yield f"copperplate {result.verb} --continue"
        yield _restore(result)
    elif result.state is State.RED:
        if result.resumed:
            yield f"fix it, git add your changes, and run again: copperplate {result.verb} --continue"
            yield _restore(result)
        yield "--keep-worktree keeps the checkout for you to look at; --no-verify applies the update anyway"
    elif result.state is State.LANDED:
        if result.report.lock:
            yield "uv sync"
        yield "git show --stat"
        yield from (
            f"{command}   to give the rows of {name} to somebody" for name, command in result.report.shared.items()
        )
        if result.unsigned:
            yield "git commit --amend --no-edit --gpg-sign   (your git signs commits; this one is not signed)"


def _restore(result: UpdateResult) -> str:
    return f"copperplate {result.verb} --abort   to cancel the {result.verb.split()[-1]} and restore every file"


def _path(change: FileChange | ConflictLeft) -> str:
    return f"{change.origin} -> {change.path}" if change.origin else change.path


def _conflict(found: ConflictLeft) -> str:
    """Return a conflict with the name of its kind, as the guide lists it.

    For `contents`, the markers in the file say the rest.
    """
    parts = [_path(found), found.kind]
    if found.kind != "contents":
        parts.append(found.detail)
    return ": ".join(parts)


def _listed(title: str, style: str, items: Iterable[str]) -> Iterator[Line]:
    for number, item in enumerate(items):
        if number == 0:
            yield f"{title}:", style
        yield f"  {item}", ""


def _locked(change: LockChange) -> str:
    if change.before is None:
        return f"{change.name} {change.after} (new)"
    return f"{change.name} {change.before} -> {change.after or 'no longer needed'}"
