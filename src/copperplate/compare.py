"""Comparison of a project with its template: the rendered files, which are cached, the project's files, and patches."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from copperplate import project
from copperplate.errors import InputError
from copperplate.errors.inputs import RunsCodeError
from copperplate.git import query
from copperplate.git.trees import stream_commit, stream_file
from copperplate.lockfile import LOCK
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.system import folders
from copperplate.system.disk import File, file_names, read_file, write_files
from copperplate.templates import render
from copperplate.templates.bundled import Release

LINK = 0o120000
_MODES = {"100644": 0o644, "100755": 0o755, "120000": LINK}


@dataclass(frozen=True, slots=True)
class Differences:
    """Paths relative to the project's root, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.deleted)


def between(old: Mapping[str, File], new: Mapping[str, File]) -> Differences:
    return Differences(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def project_files(root: Path, rendered: Mapping[str, File]) -> dict[str, File]:
    """Return the project's current files: those that git tracks, and those at paths of the template.

    A file that a sparse checkout leaves out of the work tree is read from the index, or it would look deleted.
    If all line ends of a file differ from the template's, because the user's git writes them in this way, the file is
    compared with the template's line ends.
    """
    tracked = set(query.tracked_files(root) or ())
    names: Iterable[str] = {*tracked, *rendered} - {LOCK}
    found = {name: file for name in names if (file := _file(root / name)) is not None}
    if tracked - found.keys():
        found |= _left_out(root, tracked - found.keys() - {LOCK})
    return {name: _in_line_ends_of(rendered.get(name), file) for name, file in found.items()}


def _left_out(root: Path, missing: Collection[str]) -> dict[str, File]:
    """Return the `missing` files that a sparse checkout leaves out."""
    staged = {path: entry for path, entry in query.left_out(root).items() if path in missing and entry[0] in _MODES}
    located = query.locate(root)
    if not staged or located is None:
        return {}
    if remotes := query.promisors(query.settings(root)):
        query.fetch_missing(located.git_dir, remotes, f"HEAD:{located.prefix.rstrip('/')}")
    contents = query.blobs(root, sorted({oid for _, oid in staged.values()}))
    return {path: File(_MODES[mode], contents[oid]) for path, (mode, oid) in staged.items()}


def _file(path: Path) -> File | None:
    """Return the file; None if there is none, or if it is a folder (a submodule)."""
    if path.is_symlink():
        return File(LINK, os.fsencode(path.readlink()))
    return read_file(path) if path.is_file() else None


def _in_line_ends_of(rendered: File | None, file: File) -> File:
    count = file.content.count(b"\r\n")
    if rendered is None or (count and count != file.content.count(b"\n")):
        return file
    plain = file.content.replace(b"\r\n", b"\n")
    if b"\r\n" not in rendered.content:
        return File(file.mode, plain)
    if b"\0" in file.content:
        return file
    if rendered.content.replace(b"\r\n", b"\n") == plain:
        return File(file.mode, rendered.content)
    is_crlf = rendered.content.count(b"\r\n") == rendered.content.count(b"\n")
    return File(file.mode, plain.replace(b"\n", b"\r\n")) if is_crlf else file


_REGULAR = 0o100000
_PERMISSIONS = 0o7777


def patches(before: Mapping[str, File], after: Mapping[str, File], *options: str, colour: bool) -> list[bytes]:
    """Return what `git diff` prints for two sets of files, with each of these options."""
    same = {path for path, file in before.items() if after.get(path) == file}
    stream = b"".join(
        _commit(branch, {path: file for path, file in files.items() if path not in same})
        for branch, files in (("before", before), ("after", after))
    )
    with folders.temporary() as folder:
        query.init_bare(folder)
        query.import_stream(folder, stream, is_temporary=True)
        shade = f"--color={'always' if colour else 'never'}"
        return [query.diff(folder, "before", "after", option, shade) for option in options]


def _commit(branch: str, files: Mapping[str, File]) -> bytes:
    modes = {path: file.mode if file.mode > _PERMISSIONS else _REGULAR | file.mode for path, file in files.items()}
    return stream_commit(branch, *(stream_file(path, modes[path], file.content) for path, file in files.items()))


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


def rendered_files(
    found: Project, release: Release, progress: Progress, *, trust: bool = False, parts: Parts | None = None
) -> dict[str, File]:
    """Return the files that `release` renders from the project's answers, by path.

    Answers to questions that the release does not ask are left out; new questions are answered by default.
    """
    file = _place(found, release, parts)
    with suppress(*_UNREADABLE):
        return _read_rendering(file, release)
    with progress.step(f"Render {release.version}"):
        files = _render(found, release, trust=trust)
        if parts:
            with folders.temporary() as folder:
                files |= parts.render(folder)
    with suppress(OSError):  # a cache that cannot be written is not used
        _write_rendering(file, files, release)
    return files


def store_rendering(folder: Path, release: Release) -> None:
    """Store the rendering of `release` in `folder`, which was made just now and not changed since."""
    found = project.load(folder)
    with suppress(OSError):
        names = (name for name in file_names(folder) if not name.startswith(".git/"))
        files = {name: read_file(folder / name) for name in names}
        _write_rendering(_place(found, release), files, release)


def _render(found: Project, release: Release, *, trust: bool) -> dict[str, File]:
    with folders.temporary() as folder:
        write_files(manifest.sources(release.files), folder / "manifest")
        answers = _answers(found, folder / "manifest", trust=trust).data()
        return render.rendered(release, answers, source=found.template_source, inside=folder)


def _answers(found: Project, template: Path, *, trust: bool) -> Answers:
    asked = manifest.load(template)
    if asked.runs_code and not trust:
        what = f"the template of {found.root} runs code when it is rendered: {', '.join(asked.runs_code)}"
        hint = "read it; to allow it, name the template: --template URL-OR-PATH --trust"
        raise RunsCodeError(what, hint, code=asked.runs_code)
    names = {question.name for question in asked.questions}
    try:
        return Answers.from_data({name: value for name, value in found.answers.items() if name in names}, asked)
    except InputError as error:
        raise project.damaged(found.root, error.what, error.entry) from error


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


def _read_rendering(file: Path, release: Release) -> dict[str, File]:
    with zipfile.ZipFile(file) as archive:
        copies = json.loads(archive.read(_COPIES))
        found = {
            entry.filename: File(entry.external_attr >> 16, archive.read(entry))
            for entry in archive.infolist()
            if entry.filename != _COPIES
        }
    os.utime(file)
    return found | {path: release.files[origin] for path, origin in copies.items()}


def _write_rendering(file: Path, files: Mapping[str, File], release: Release) -> None:
    """Write the file in one step, with only the names of files that are as in the release; remove the oldest ones."""
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
