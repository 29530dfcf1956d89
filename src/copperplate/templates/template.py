"""Template that is ready to be rendered: a folder, its manifest, its source, and the notes of its releases.

The notes of a release are in `notes/<version>.md`: Markdown with two headings, each with a list, `## Breaking` and
`## By hand`. Text outside of them is for readers of the template. The newest template holds the notes of all versions.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors.inputs import RunsCodeError
from copperplate.git import query
from copperplate.progress import Progress
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.system import folders
from copperplate.system.disk import File, read_file, write_files
from copperplate.templates import bundled, location, remote, render
from copperplate.templates.bundled import Release, parsed_version
from copperplate.templates.location import Address

NOTES = "notes"
BREAKING, BY_HAND = "Breaking", "By hand"
_HEADING = re.compile(r"##\s+(.*?)\s*")
_ITEM = re.compile(r"[-*]\s+(.*)")


@dataclass(frozen=True, slots=True)
class Note:
    version: str
    breaking: tuple[str, ...]
    steps: tuple[str, ...]
    """Steps that the user does by hand."""


def notes_between(template: Path, old: str, new: str) -> tuple[Note, ...]:
    """Return the notes of all versions after `old` up to `new`, the oldest first."""
    low, high = parsed_version(old), parsed_version(new)
    if low is None or high is None:
        return ()
    found = ((version, file) for file in (template / NOTES).glob("*.md") if (version := parsed_version(file.stem)))
    chosen = sorted((version, file) for version, file in found if low < version <= high)
    return tuple(parse_notes(file.stem, file.read_text(encoding="utf-8")) for _, file in chosen)


def parse_notes(version: str, text: str) -> Note:
    items = list(_items(text))
    return Note(
        version,
        breaking=tuple(item for heading, item in items if heading == BREAKING),
        steps=tuple(item for heading, item in items if heading == BY_HAND),
    )


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Return each list item, its lines joined, with the heading above it."""
    heading, item = "", ""
    for line in [*text.splitlines(), ""]:
        if line[:1].isspace() and line.strip() and item:
            item += f" {line.strip()}"
            continue
        if item:
            yield heading, item
            item = ""
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        elif found := _ITEM.fullmatch(line):
            item = found[1]


UNRELEASED = "unreleased"
"""Version of a folder that is in no git repository."""


@dataclass(frozen=True, slots=True)
class Template:
    folder: Path
    """Folder with the files that are not rendered, such as the notes."""
    source: str
    manifest: Manifest
    release: Release

    @property
    def version(self) -> str:
        return self.release.version

    @property
    def is_plain_folder(self) -> bool:
        """True if it is the working tree of a folder, so that this version cannot be found again."""
        return not location.is_address(self.source)

    @property
    def lock(self) -> Path | None:
        """Return the lock with all packages that any project of this template may need."""
        lock = self.folder / "template.lock"
        return lock if lock.exists() else None

    def render(self, project: Path, answers: Answers, *, run_tasks: bool = False) -> None:
        """Render the template into the folder `project`; its own tasks run only if `run_tasks`."""
        render.render(self.release, project, answers.data(), source=self.source, run_tasks=run_tasks)

    def rendered(self, answers: Answers, inside: Path) -> dict[str, File]:
        """Return the rendered files; some of them are also written below the empty folder `inside`."""
        return render.rendered(self.release, answers.data(), source=self.source, inside=inside)


def released() -> AbstractContextManager[Template]:
    """Open the newest released template, in a folder that is removed afterwards."""
    return of_release(bundled.newest(), bundled.SOURCE)


@contextmanager
def of_release(release: Release, source: str, *, inside: Path | None = None) -> Iterator[Template]:
    """Open a release. Its manifest and notes are written into a folder."""
    with folders.temporary(inside) as folder:
        with folders.writing():
            write_files(manifest.sources(release.files), folder)
        yield Template(folder, source, manifest.load(folder, source), release)


def opened(
    where: str | None, version: str | None, *, trust: bool, progress: Progress
) -> AbstractContextManager[Template]:
    """Open the template at `where`, an address or a path; without it, a template of this package.

    `version` is one of its releases or tags; without it, the newest, or the working tree of the folder.
    """
    if where is None:
        return of_release(bundled.find(version) if version else bundled.newest(), bundled.SOURCE)
    if location.is_address(where):
        return from_fork(location.parse(where), version, trust=trust, progress=progress)
    if version is not None:
        return from_fork(location.of_folder(Path(where)), version, trust=trust, progress=progress)
    return from_checkout(Path(where), trust=trust)


def from_fork(at: Address, version: str | None, *, trust: bool, progress: Progress) -> AbstractContextManager[Template]:
    """Open a version of the template in a git repository; refused if it would run code, unless trusted."""
    with remote.fetch(at, version, progress) as (versions, tag):
        release = versions[tag]
    return of_untrusted(release, at.source, at.url, trust=trust)


def from_checkout(path: Path, *, trust: bool = False) -> AbstractContextManager[Template]:
    """Open the template in the working tree of the folder `path`; refused if it would run code, unless trusted."""
    root = path.resolve()
    return of_untrusted(checkout(root), str(root), str(path), trust=trust)


def checkout(root: Path) -> Release:
    """Return the template in the working tree of the folder `root` as a release."""
    files = {name: read_file(root / name) for name in location.template_files(root)}
    return Release(query.describe(root) or UNRELEASED, files)


@contextmanager
def of_untrusted(
    release: Release, source: str, where: str, *, trust: bool, inside: Path | None = None
) -> Iterator[Template]:
    """Open a release of anybody's template, for messages at `where`; refused if it would run code, unless trusted."""
    with of_release(release, source, inside=inside) as template:
        code = template.manifest.runs_code
        if code and not trust:
            what = f"the template in {where} runs code when it is rendered: {', '.join(code)}"
            raise RunsCodeError(what, "read it, and pass --trust if you trust it", code=code)
        yield template
