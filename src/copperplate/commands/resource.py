"""Commands `copperplate resource add`, `list` and `show`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate import project
from copperplate.errors import ExitCode, InputError, Recovery, RefusedError
from copperplate.migrations import script
from copperplate.progress import Progress, Step, Steps
from copperplate.project import Project
from copperplate.questions.validation import suggestion
from copperplate.resources import checks, definitions, grammar, merging, naming, rendering, wiring
from copperplate.resources.definitions import Definition
from copperplate.resources.owners import Owners
from copperplate.resources.rendering import Revision
from copperplate.resources.specification import Resource
from copperplate.system.disk import File
from copperplate.templates.bundled import Release
from copperplate.templates.location import NamedTemplate
from copperplate.update import preflight
from copperplate.update.draft import Draft
from copperplate.update.result import Options as UpdateOptions
from copperplate.update.result import State as UpdateState

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


class State(StrEnum):
    PREVIEWED = "previewed"
    ADDED = "added"
    FAILED = "failed"
    """The project's own checks fail with it, so nothing has been changed."""


_STATES = {UpdateState.PREVIEWED: State.PREVIEWED, UpdateState.LANDED: State.ADDED, UpdateState.RED: State.FAILED}


@dataclass(frozen=True, slots=True)
class Options:
    verify: bool = True
    dry_run: bool = False
    template: NamedTemplate | None = None
    """Template that the user names; otherwise, that of the project."""


@dataclass(frozen=True, slots=True)
class AddResult:
    project: Path
    command: str
    """The project's own command."""

    resources: tuple[str, ...]
    state: State
    message: str
    files: tuple[str, ...]
    revisions: tuple[str, ...]
    commit: str | None = None
    unsigned: bool = False
    """The user signs commits, and this one is not."""

    patch: str = ""
    verified: "VerifyResult | None" = None
    recovered: Recovery | None = None
    """Recovery of an earlier, interrupted update, if there was one."""

    steps: tuple[Step, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.FAILED if self.state is State.FAILED else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Shown:
    """Resource as a user would define it."""

    name: str
    singular: str
    class_name: str
    table: str
    path: str
    fields: tuple[str, ...]
    scope: str | None
    """None in a project without accounts."""

    operations: tuple[str, ...]


def add(path: Path, wanted: Sequence[Definition], *, options: Options, progress: Progress) -> AddResult:
    """Add resources to the project that `path` is in, in one commit.

    Raises `InputError` or `RefusedError`, and changes nothing, if it cannot be done.
    """
    root = project.find(path)
    found = project.load(root)
    resources = resolve(root, wanted)
    names = [resource.name for resource in resources]
    files: dict[str, File] = {}
    revisions: list[Revision] = []

    def draft(work: merging.Work, folder: Path, steps: Steps) -> Draft:
        with steps.step("Render"):
            release = rendering.template_of(found, options.template, steps)
            revisions.extend(_render(found, resources, release, folder, files))
            before, after = with_features(work, lambda source, at: wiring.add_features(source, names, at))
        shared = rendering.shared_file(found.package_name)
        if (root / shared).exists():  # with an earlier resource, and perhaps changed since
            files.pop(shared, None)
        if not after:
            lines = "` and `".join(wiring.lines_for(names[0]))
            what = f"the project has no src/{found.package_name}/project.py"
            raise RefusedError(what, f"restore it; it has these lines: `{lines}`")
        files.update(after)
        merged = merging.merge(work, names, before, files)
        if conflicts := [conflict.path for conflict in merged.outcome.conflicts]:
            what = f"the project has other files at these paths: {preflight.listed(conflicts)}"
            raise RefusedError(what, "rename or remove them, and commit that")
        return merged

    told = merging.in_one_commit(
        found,
        "add",
        f"resource {names[0]}" if len(names) == 1 else f"resources {', '.join(names[:-1])} and {names[-1]}",
        draft,
        options=UpdateOptions(verify=options.verify, dry_run=options.dry_run),
        progress=progress,
    )
    return AddResult(
        project=found.root,
        command=found.distribution_name,
        resources=tuple(names),
        state=_STATES[told.state],
        message=told.message,
        files=tuple(sorted(files)),
        revisions=tuple(revision.revision for revision in revisions),
        commit=told.commit,
        unsigned=told.unsigned,
        patch=told.patch,
        verified=told.verified,
        recovered=told.recovered,
        steps=told.steps,
    )


def _render(
    found: Project, resources: Sequence[Resource], release: Release, folder: Path, files: dict[str, File]
) -> list[Revision]:
    """Render the resources into `files`, and return their revisions."""
    layout = merging.require_layout(found)
    scripts = script.read_all(found.root, found.package_name, layout)
    revisions = rendering.plan_revisions(resources, script.head(scripts), {each.file.name for each in scripts})
    for number, (resource, revision) in enumerate(zip(resources, revisions, strict=True)):
        inside = folder / f"resource-{number}"
        inside.mkdir()
        files |= rendering.render_resource(
            release,
            resource,
            revision,
            source=found.template_source,
            package=found.package_name,
            layout=layout,
            inside=inside,
        )
    return revisions


def resolve(root: Path, wanted: Sequence[Definition]) -> list[Resource]:
    """Return the specifications, checked against the project at `root`."""
    found_project = project.load(root)
    owners = Owners.of(found_project.answers)
    package = found_project.package_name
    existing = definitions.load_recorded(root)
    for definition in wanted:
        if definition.name in existing:
            raise InputError(
                f"the project has a resource {definition.name} already",
                f"`copperplate resource show {definition.name}` shows it",
            )
    targets = {name: resource.target for name, resource in existing.items()}
    found = definitions.resolve(wanted, targets, owners)
    packages, tables = naming.taken_packages(root, package), naming.taken_tables(root, package)
    for resource in found:
        checks.refuse_taken(resource, packages, tables)
        tables.add(resource.table)
    return found


def list_resources(path: Path) -> tuple[Shown, ...]:
    root = project.find(path)
    project.load(root)
    return tuple(_shown(resource) for resource in definitions.load_recorded(root).values())


def show(path: Path, name: str) -> Shown:
    root = project.find(path)
    project.load(root)
    return _shown(require(definitions.load_recorded(root), name))


def require(known: Mapping[str, Resource], name: str) -> Resource:
    """Return the resource `name`; refused if the project does not have it."""
    if name not in known:
        hint = suggestion(name, known) if known else "add one: copperplate resource add NAME FIELDS"
        raise InputError(f"the project has no resource {name!r:.60}", hint)
    return known[name]


def _shown(resource: Resource) -> Shown:
    fields = tuple(grammar.format_field(field) for field in resource.fields)
    names = (resource.name, resource.singular, resource.class_name, resource.table, resource.path)
    return Shown(*names, fields, resource.scope, resource.operations)


def with_features(work: merging.Work, change: Callable[[bytes, str], bytes]) -> tuple[dict[str, File], dict[str, File]]:
    """Return the list of the project's features before and after; neither if the project does not have that file."""
    path = f"src/{work.project.package_name}/project.py"
    entries = work.scratch.entries(work.tree)
    source = work.scratch.files(entries, [path]).get(path)
    if source is None:
        return {}, {}
    mode = int(entries[path].mode[-3:], 8)
    return {path: File(mode, source)}, {path: File(mode, change(source, path))}
