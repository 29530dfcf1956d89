"""Commands `copperplate resource add`, `list` and `show`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copperplate import project
from copperplate.errors import ExitCode, InputError, Recovery, RefusedError
from copperplate.git import repository
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.migrations import script
from copperplate.progress import Progress, Step, Steps
from copperplate.project import Project
from copperplate.questions.validation import suggestion
from copperplate.resources import apply, checks, definitions, grammar, merging, naming, rendering, wiring
from copperplate.resources.definitions import Definition
from copperplate.resources.rendering import Revision
from copperplate.resources.specification import Resource
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.templates.bundled import Release
from copperplate.templates.location import NamedTemplate
from copperplate.update import preflight

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


class State(StrEnum):
    PREVIEWED = "previewed"
    ADDED = "added"
    FAILED = "failed"
    """The project's own checks fail with it, so nothing has been changed."""


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
    around = repository.around(root)
    result, said = preflight.run_exclusively(around, lambda: _add(found, resources, around, options, Steps(progress)))
    return replace(result, recovered=said)


def resolve(root: Path, wanted: Sequence[Definition]) -> list[Resource]:
    """Return the specifications, checked against the project at `root`."""
    found_project = project.load(root)
    has_accounts = found_project.answers.get("auth", "none") != "none"
    package = found_project.package_name
    existing = definitions.load_recorded(root)
    for definition in wanted:
        if definition.name in existing:
            raise InputError(
                f"the project has a resource {definition.name} already",
                f"`copperplate resource show {definition.name}` shows it",
            )
    targets = {name: resource.target for name, resource in existing.items()}
    found = definitions.resolve(wanted, targets, has_accounts=has_accounts)
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


def _add(
    found: Project, resources: Sequence[Resource], around: Repository, options: Options, steps: Steps
) -> AddResult:
    head, tree = around.committed()
    if tree is None:
        raise RefusedError(f"{found.root} is not committed", "git add and git commit it first")
    with folders.temporary() as folder:
        scratch = Scratch.make(folder / "scratch.git", around)
        with steps.step("Render"):
            release = rendering.template_of(found, options.template, steps)
            files, revisions = _files(found, resources, release, folder)
        draft = apply.draft(scratch, head, tree, files)
        message = _message(resources)
        result = AddResult(
            project=found.root,
            command=found.distribution_name,
            resources=tuple(resource.name for resource in resources),
            state=State.PREVIEWED,
            message=message,
            files=tuple(sorted(files)),
            revisions=tuple(revision.revision for revision in revisions),
        )
        if options.dry_run:
            return replace(result, patch=apply.preview(scratch, draft).patch, steps=steps.done)
        done = apply.apply(scratch, found, draft, message, verify=options.verify, steps=steps)
    state = State.ADDED if done.commit else State.FAILED
    facts: dict[str, Any] = {"commit": done.commit, "unsigned": done.unsigned, "verified": done.verified}
    return replace(result, state=state, steps=steps.done, **facts)


def _files(
    found: Project, resources: Sequence[Resource], release: Release, folder: Path
) -> tuple[dict[str, File], list[Revision]]:
    """Return all files that are new or changed."""
    root, package = found.root, found.package_name
    layout = merging.require_layout(found)
    scripts = script.read_all(root, package, layout)
    revisions = rendering.plan_revisions(resources, script.head(scripts), {each.file.name for each in scripts})
    files: dict[str, File] = {}
    for number, (resource, revision) in enumerate(zip(resources, revisions, strict=True)):
        inside = folder / f"resource-{number}"
        inside.mkdir()
        source = found.template_source
        files |= rendering.render_resource(
            release, resource, revision, source=source, package=package, layout=layout, inside=inside
        )
    wired = f"src/{package}/project.py"
    names = [resource.name for resource in resources]
    if not (root / wired).is_file():
        lines = "` and `".join(wiring.lines_for(names[0]))
        raise RefusedError(f"the project has no {wired}", f"restore it; it has these lines: `{lines}`")
    files[wired] = File(0o644, wiring.add_features((root / wired).read_bytes(), names, wired))
    return files, revisions


def _message(resources: Sequence[Resource]) -> str:
    names = [resource.name for resource in resources]
    if len(names) == 1:
        return f"Add resource {names[0]}"
    return f"Add resources {', '.join(names[:-1])} and {names[-1]}"
