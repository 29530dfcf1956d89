"""Cache of renderings: the files of a project as the unmodified template has them."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from copperplate import project
from copperplate.errors import InputError
from copperplate.errors.inputs import DamagedAnswersError, RunsCodeError
from copperplate.progress import Progress
from copperplate.project import ANSWERS_FILE, Project
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.system import folders
from copperplate.system.disk import File, file_names, read_file, write_files
from copperplate.templates import render
from copperplate.templates.bundled import Release

_KEPT_RENDERINGS = 40
_COPIES = ".git/copies.json"
"""Name of the entry that lists files with the same content as in the release; no file of a project has this name."""

_UNREADABLE = (OSError, zipfile.BadZipFile, EOFError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a project that are rendered from their own answers files."""

    answers: list[Mapping[str, object]]
    render: Callable[[Path], Mapping[str, File]]
    """Function that renders them; it gets an empty folder."""


def get(
    found: Project, release: Release, progress: Progress, *, trust: bool = False, parts: Parts | None = None
) -> dict[str, File]:
    """Return the files that `release` renders from the project's answers, by path.

    Answers to questions that the release does not ask are left out; new questions are answered by default.
    """
    file = _place(found, release, parts)
    with suppress(*_UNREADABLE):
        return _read(file, release)
    with progress.step(f"Render {release.version}"):
        files = _render(found, release, trust=trust)
        if parts:
            with folders.temporary() as folder:
                files |= parts.render(folder)
    with suppress(OSError):  # a cache that cannot be written is not used
        _write(file, files, release)
    return files


def store(folder: Path, release: Release) -> None:
    """Store the rendering of `release` in `folder`, which was made just now and not changed since."""
    found = project.load(folder)
    with suppress(OSError):
        _write(_place(found, release), _files(folder), release)


def _render(found: Project, release: Release, *, trust: bool) -> dict[str, File]:
    with folders.temporary() as folder:
        write_files(manifest.sources(release.files), folder / "manifest")
        answers = _answers(found, folder / "manifest", trust=trust).data()
        return render.rendered(
            release.files, answers, version=release.version, source=found.template_source, inside=folder
        )


def _answers(found: Project, template: Path, *, trust: bool) -> Answers:
    asked = manifest.load(template)
    if asked.runs_code and not trust:
        raise RunsCodeError(
            f"the template of {found.root} runs code when it is rendered: {', '.join(asked.runs_code)}",
            "read it; to allow it, name the template: --template URL-OR-PATH --trust",
            code=asked.runs_code,
        )
    names = {question.name for question in asked.questions}
    try:
        return Answers.from_data({name: value for name, value in found.answers.items() if name in names}, asked)
    except InputError as error:
        raise DamagedAnswersError(
            f"{found.root / ANSWERS_FILE} cannot be used: {error.what}",
            f"restore it from git: git checkout HEAD -- {ANSWERS_FILE}",
            file=found.root / ANSWERS_FILE,
            entry=error.entry,
        ) from error


def _files(folder: Path) -> dict[str, File]:
    names = (name for name in file_names(folder) if not name.startswith(".git/"))
    return {name: read_file(folder / name) for name in names}


def _place(found: Project, release: Release, parts: Parts | None = None) -> Path:
    """Return the path of a stored rendering. Its name is a hash of everything that decides the result."""
    digest = hashlib.sha256()
    facts = [found.template_source, release.version, version("copier"), version("copperplate"), found.answers]
    facts += parts.answers if parts else []
    digest.update(json.dumps(facts, sort_keys=True).encode())
    for path, file in release.files.items():
        digest.update(f"\0{path}\0{file.mode}\0{len(file.content)}\0".encode())
        digest.update(file.content)
    return folders.cache("renderings") / f"{digest.hexdigest()}.zip"


def _read(file: Path, release: Release) -> dict[str, File]:
    with zipfile.ZipFile(file) as archive:
        copies = json.loads(archive.read(_COPIES))
        found = {
            entry.filename: File(entry.external_attr >> 16, archive.read(entry))
            for entry in archive.infolist()
            if entry.filename != _COPIES
        }
    os.utime(file)
    return found | {path: release.files[origin] for path, origin in copies.items()}


def _write(file: Path, files: Mapping[str, File], release: Release) -> None:
    """Write the file in one step, and remove the oldest ones.

    For a file that is the same as in the release, only the name is stored.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    origins = {content: path for path, content in release.files.items()}
    copies = {path: origins[content] for path, content in files.items() if content in origins}
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".zip", delete=False) as new:
        try:
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(_COPIES, json.dumps(copies))
                for path, content in files.items():
                    if path in copies:
                        continue
                    entry = zipfile.ZipInfo(path)
                    entry.external_attr = content.mode << 16
                    archive.writestr(entry, content.content, zipfile.ZIP_DEFLATED)
            Path(new.name).replace(file)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
    folders.prune(list(file.parent.glob("*.zip")), keep=_KEPT_RENDERINGS)
