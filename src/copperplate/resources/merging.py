"""Merge of a resource into the user's files, with the database revision for it, in one commit.

The revision for changed models is made and tried on a real PostgreSQL, in a temporary checkout.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from copperplate.errors import RefusedError
from copperplate.errors.updates import RevisionNotMadeError
from copperplate.git import repository
from copperplate.git.commits import Identity
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry
from copperplate.migrations import layout as layouts
from copperplate.migrations import script, write
from copperplate.migrations.layout import Layout
from copperplate.migrations.script import Change
from copperplate.progress import Progress, Steps
from copperplate.project import Project
from copperplate.resources import naming
from copperplate.resources.revised import Revised
from copperplate.resources.specification import OWNED, Field, Kind, Resource
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.update import preflight
from copperplate.update.draft import Draft, Subject, check_out, draft_of, verify_and_apply, with_revisions
from copperplate.update.merge import STAGE_OURS, STAGE_THEIRS
from copperplate.update.result import Options, UpdateResult

Files = Mapping[str, File]


@dataclass(frozen=True, slots=True)
class Work:
    """Project that is changed, with its commit and tree before that."""

    project: Project
    scratch: Scratch
    head: str
    tree: str

    @classmethod
    def begin(cls, found: Project, scratch: Scratch) -> "Work":
        head, tree = scratch.repository.committed()
        if tree is None:
            raise RefusedError(f"{found.root} is not committed", "git add and git commit it first")
        return cls(found, scratch, head, tree)


def merge(work: Work, names: Sequence[str], old: Files, new: Files) -> Draft:
    """Merge the change from `old` to `new`, which are files of the resources `names`, into the project.

    No other file of the project can be mistaken for a moved one.
    """
    scratch, found = work.scratch, work.project
    own = tuple(folder for name in names for folder in (f"src/{found.package_name}/{name}/", f"tests/{name}/"))
    beside = [
        path for path in scratch.entries(work.tree) if not path.startswith(own) and path not in old and path not in new
    ]
    return draft_of(scratch, work.head, work.tree, old, new, version=found.template_version, beside=beside)


def in_one_commit(  # noqa: PLR0913 - who changes what, and how
    found: Project,
    verb: str,
    what: str,
    draft: Callable[[Work, Path, Steps], Draft],
    *,
    options: Options,
    progress: Progress,
) -> UpdateResult:
    """Change the project as `draft` returns it, in one commit; with conflicts, leave them to the user.

    `verb` is that of the command, such as `change`. `draft` gets an empty folder.
    """
    subject = Subject(
        root=found.root,
        package_name=found.package_name,
        distribution_name=found.distribution_name,
        author=Identity.of(found.answers),
        message=f"{verb.capitalize()} {what}",
        version_before=found.template_version,
        version=found.template_version,
        answers={"_commit": found.template_version},
        verb=f"resource {verb}",
    )
    around, steps = repository.around(found.root), Steps(progress)

    def run() -> UpdateResult:
        with folders.temporary() as folder:
            work = Work.begin(found, Scratch.make(folder / "scratch.git", around))
            return verify_and_apply(work.scratch, subject, draft(work, folder, steps), options=options, steps=steps)

    result, recovered = preflight.run_exclusively(around, run)
    return replace(result, recovered=recovered, steps=steps.done)


def require_layout(found: Project) -> Layout:
    """Return the folders of the project's revisions; refused if they are outside of the project."""
    layout = layouts.read_layout(found.root, found.package_name)
    if not layout.folders:
        raise RefusedError(
            "the project keeps its database revisions outside of its folder", "keep them inside: see tool.alembic"
        )
    return layout


def tables_of(resource: Resource) -> set[str]:
    """Return its table, and those that link it to others."""
    links = {f"{resource.singular}_{field.name}" for field in resource.fields if field.kind is Kind.REFS}
    return {resource.table, *links}


def with_dropping_revision(work: Work, draft: Draft, resource: Resource) -> Draft:
    """Write a revision at the head for each that works on the resource's tables alone, which undoes it."""
    project = check_out(work.scratch, draft.head, draft.tree)
    package = work.project.package_name
    changes = write.write_removal(
        project,
        package,
        tables_of(resource),
        resource.table,
        prefix=f"{resource.singular}_",
        present=naming.taken_tables(work.project.root, package),
    )
    return with_revisions(work.scratch, draft, project, changes)


def without_conflicts(work: Work, draft: Draft) -> str:
    """Return the tree of the draft in which each conflict within a file is settled, with the lines of both sides.

    The models can then be imported; the user's other lines are all there. It is never applied.
    """
    scratch, edits = work.scratch, dict[str, Entry | None]()
    for conflict in draft.outcome.conflicts:
        stages = conflict.stages
        if set(stages) != {1, STAGE_OURS, STAGE_THEIRS}:
            continue
        sides = [(scratch.text(stages[stage]), "") for stage in (1, STAGE_OURS, STAGE_THEIRS)]
        merged = scratch.merge_file(sides, "--diff3", marker_size=MARKER_SIZE)
        edits[conflict.path] = Entry(stages[STAGE_OURS].mode, scratch.store(settle(merged).encode()))
    return scratch.edited(draft.tree, edits)


def refuse_referred(name: str, existing: Mapping[str, Resource]) -> None:
    """Refuse to remove a resource to which another one refers."""
    others = [other for other in existing.values() if other.name != name and name in other.references]
    if others:
        field = next(field.name for field in others[0].fields if field.to == name)
        raise RefusedError(
            f"{', '.join(other.name for other in others)} refers to {name}",
            f"remove that first: copperplate resource change {others[0].name} --drop {field}",
        )


MARKER_SIZE = 15
"""Characters of the marks that separate the sides of a conflict: more than a line of code begins with."""

_OURS, _BASE, _THEIRS, _END = ("<", "|", "=", ">")


def settle(merged: str) -> str:
    """Return `merged`, which has conflicts with their base, with the template's side of each.

    Lines that the user has inserted follow, so that columns of the user's are still there, unless the code would not be
    valid with them.
    """
    whole, plain = _settled(merged, with_own=True), _settled(merged, with_own=False)
    try:
        ast.parse(whole)
    except (SyntaxError, ValueError):
        return plain
    return whole


def _settled(merged: str, *, with_own: bool) -> str:
    sides: dict[str, list[str]] = {}
    side, found = "", list[str]()
    for line in merged.splitlines(keepends=True):
        mark = line[0] if line[:MARKER_SIZE] == line[:1] * MARKER_SIZE else ""
        if mark == _OURS:
            sides = {_OURS: [], _BASE: [], _THEIRS: []}
            side = mark
        elif side and mark in sides:
            side = mark
        elif side and mark == _END:
            own = _inserted(sides[_BASE], sides[_OURS]) if with_own else []
            found += [*sides[_THEIRS], *own]
            side = ""
        else:
            (sides[side] if side else found).append(line)
    return "".join(found)


def _inserted(base: Sequence[str], ours: Sequence[str]) -> list[str]:
    """Return the lines that were inserted between those of the base, or behind one of them that was changed."""
    found: list[str] = []
    for verb, start, stop, first, last in SequenceMatcher(a=base, b=ours, autojunk=False).get_opcodes():
        if verb in {"insert", "replace"}:
            found += ours[first + (stop - start) : last]
    return found


_ERROR = re.compile(r"^[\w.]+(?:Error|Exception|Detected|Violation)\b: .*$", re.MULTILINE)
PROGRAM = Path(__file__).with_name("in_project.py")


@dataclass(frozen=True, slots=True)
class Request:
    """Request for a revision: what has changed, and the resources whose tables get rows."""

    revised: Revised
    resources: tuple[Resource, ...]
    message: str

    def data(self) -> dict[str, Any]:
        fields = {field.name: field for field in self.revised.after.fields}
        dropped = [field for field in self.revised.before.fields if field.name not in fields]
        comes_back = all(field.kind is not Kind.REF and not field.unique for field in dropped if not field.null)
        return {
            "table": self.revised.after.table,
            "message": self.message,
            "renames": dict(self.revised.renames),
            "types": dict(self.revised.types),
            "links": [asdict(link) for link in self.revised.links],
            "drops": self._drops(),
            "fills": self.revised.fills,
            "returns": self.revised.returns,
            "gives": self.revised.gives,
            "rows": not self.revised.unfilled,
            "rows_come_back": comes_back,
            "values": {resource.table: self._values(resource, fields) for resource in self.resources},
        }

    def _drops(self) -> list[str]:
        """Return the columns that are no more, or that have another name."""
        before, after = self.revised.before, self.revised.after
        loses_owners = before.scope in OWNED and after.scope not in OWNED
        kept = {field.column for field in after.fields} | (set() if loses_owners else {"owner_id"})
        return [name for name in (*(field.column for field in before.fields), "owner_id") if name not in kept]

    def _values(self, resource: Resource, fields: dict[str, Field]) -> dict[str, Any]:
        """Return values that the limits of the fields allow, before and after the change."""
        found: dict[str, Any] = {}
        for field in resource.fields:
            later = fields.get(field.name, field) if resource.name == self.revised.after.name else field
            lows = [each.minimum for each in (field, later) if each.minimum is not None]
            highs = [each.maximum for each in (field, later) if each.maximum is not None]
            if lows or highs:
                found[field.column] = max(lows) if lows else min(highs)
            elif field.kind is Kind.ENUM:
                found[field.column] = next((value for value in field.values if value in later.values), field.values[0])
        return found


def write_revision(checkout: Path, found: Project, request: Request, folder: Path, progress: Progress) -> Change | None:
    """Write the revision into the project at `checkout`; None if the database needs no change.

    Raises `RevisionNotMadeError`, with what the database says, if it cannot be applied, undone and applied again.
    """
    from copperplate.verify import CheckFailed, Target  # noqa: PLC0415 - only who asks for it pays for it
    from copperplate.verify.session import Log, Session  # noqa: PLC0415

    file = folder / "request.json"
    file.write_text(json.dumps(request.data()), encoding="utf-8")
    asked = file.read_bytes()
    target = Target(checkout, found.package_name, found.distribution_name)
    layout = layouts.read_layout(checkout.resolve(), found.package_name)
    before = script.head(script.read_all(checkout, found.package_name, layout))
    with Session(target, progress) as session, Log() as log:
        try:
            session.run(log, "uv", "sync", "--locked", "--exact")
            settings = session.servers(log).settings
            session.run(log, "python", "-P", str(PROGRAM), str(checkout), str(file), settings=settings)
        except CheckFailed as failure:
            told = _ERROR.findall(log.text()) or [str(failure)]
            raise RevisionNotMadeError(
                f"no revision can be written for this change: {told[-1]:.300}",
                "nothing has been changed; if your own changes of the models have no revision yet, write one first",
            ) from failure
    if file.read_bytes() == asked:
        return None
    written = json.loads(file.read_text(encoding="utf-8"))
    path = Path(written["path"]).resolve().relative_to(checkout.resolve()).as_posix()
    note = f"the new database revision {written['revision']} changes the table {request.revised.after.table}"
    if request.revised.loses:
        note += f" when the database is migrated, as `dev` does by itself: {'; '.join(request.revised.loses)}"
    return Change(path, written["revision"], before, note, destroys=bool(request.revised.loses))
