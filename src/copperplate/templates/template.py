"""Template that is ready to be rendered: a folder, its manifest, and where it came from."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from copperplate import git
from copperplate.errors import RefusedError
from copperplate.progress import Progress
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.system import folders
from copperplate.system.files import File, write_files
from copperplate.templates import bundled, location, remote, render
from copperplate.templates.bundled import Release
from copperplate.templates.location import Address

UNRELEASED = "unreleased"
"""The version of a folder that is in no git repository."""


@dataclass(frozen=True, slots=True)
class Template:
    folder: Path
    version: str
    source: str
    manifest: Manifest
    release: Release | None = None
    """None for a folder as it stands."""

    @property
    def is_plain_folder(self) -> bool:
        """Whether it is a folder as it stands, so that nobody can have this version again."""
        return not location.is_address(self.source)

    @property
    def lock(self) -> Path | None:
        """The lock of everything that any project of this template may need."""
        lock = self.folder / "template.lock"
        return lock if lock.exists() else None

    def render(self, project: Path, answers: Answers, *, run_tasks: bool = False) -> None:
        """Render it into the folder `project`; its own tasks run only if `run_tasks`."""
        data, version, source = answers.data(), self.version, self.source
        render.render(self.folder, project, data, version=version, source=source, run_tasks=run_tasks)

    def rendered(self, answers: Answers, inside: Path) -> dict[str, File]:
        """The files that a release renders to; some are written below the empty folder `inside` on the way."""
        files = self.release.files if self.release else {}
        return render.rendered(files, answers.data(), version=self.version, source=self.source, inside=inside)


def released() -> AbstractContextManager[Template]:
    """The newest released template, in a folder that is removed afterwards."""
    return of_release(bundled.newest(), bundled.SOURCE)


@contextmanager
def of_release(release: Release, source: str, *, inside: Path | None = None, whole: bool = True) -> Iterator[Template]:
    """The template in a folder; unless `whole`, without the files that are rendered."""
    with folders.temporary(inside) as folder:
        with folders.writing():
            write_files(release.files if whole else manifest.sources(release.files), folder)
        yield Template(folder, release.version, source, manifest.load(folder, source), release)


def opened(
    where: str | None, version: str | None, *, trust: bool, progress: Progress
) -> AbstractContextManager[Template]:
    """The template that a user names by `where`, an address or a path; without it, one that this package carries.

    `version` is one of its releases or tags; without it, that is the newest, or the folder at the path as it stands.
    """
    if where is None:
        return of_release(bundled.find(version) if version else bundled.newest(), bundled.SOURCE)
    if location.is_address(where):
        return from_fork(location.parse(where), version, trust=trust, progress=progress)
    if version is not None:
        return from_fork(location.of_folder(Path(where)), version, trust=trust, progress=progress)
    return from_checkout(Path(where), trust=trust)


@contextmanager
def from_fork(at: Address, version: str | None, *, trust: bool, progress: Progress) -> Iterator[Template]:
    """A version of the template in a git repository; refused where it would run code, unless trusted."""
    with remote.fetch(at, version, progress) as (versions, tag):
        release = versions[tag]
    with of_release(release, at.source) as template:
        refuse_code(template.manifest, at.url, trust=trust)
        yield template


@contextmanager
def from_checkout(path: Path, *, trust: bool = False) -> Iterator[Template]:
    """The template in the folder `path` as it stands there; refused where it would run code, unless trusted."""
    root = path.resolve()
    with folders.temporary() as folder:
        names = location.template_files(root)
        with folders.writing():
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, folder / name)
        asked = manifest.load(folder, str(root))
        refuse_code(asked, str(path), trust=trust)
        yield Template(folder, git.describe(root) or UNRELEASED, str(root), asked)


def refuse_code(asked: Manifest, where: str, *, trust: bool) -> None:
    if asked.runs_code and not trust:
        raise RefusedError(
            f"the template in {where} runs code when it is rendered: {', '.join(asked.runs_code)}",
            "read it, and pass --trust if you would run it by hand",
        )
