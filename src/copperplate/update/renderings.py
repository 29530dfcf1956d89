"""Renderings of two versions of a template, with the line ends and encodings that the project's git stores."""

import codecs
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from copperplate.errors.updates import UnwritableEncodingError
from copperplate.git import index
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry, blob_id
from copperplate.lockfile import LOCK
from copperplate.questions.answers import Answers
from copperplate.system.disk import File
from copperplate.templates.template import Template


def convertible(files: Mapping[str, File]) -> list[str]:
    """Return the paths with an encoding for which git may store other bytes."""
    contents = ((path, file.content) for path, file in files.items())
    return [path for path, raw in contents if b"\0" in raw or b"\r\n" in raw or not raw.isascii()]


def can_be_in(content: bytes, encoding: str) -> bool:
    """True if the content can have this encoding. In UTF-16 and UTF-32, nearly every text has a zero byte."""
    return b"\0" in content or not encoding.upper().startswith(("UTF-16", "UTF-32"))


def is_utf8(content: bytes) -> bool:
    """True if this is UTF-8 with letters beyond ASCII. Text in another encoding is almost never valid UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content and not content.isascii()


def is_twice_encoded(rendered: bytes, stored: bytes, project: bytes) -> bool:
    """True if git has read UTF-8 as another encoding and stored it converted; `stored` is that result."""
    lines = set(project.splitlines())
    has_stored, has_rendered = (
        any(not line.isascii() and line in lines for line in content.splitlines()) for content in (stored, rendered)
    )
    return has_stored and not has_rendered


def refuse_unwritable(files: Mapping[str, File], encodings: Mapping[str, str]) -> None:
    """Refuse a file that git cannot write in its encoding: git would write UTF-8, and later read it wrongly."""
    for path, encoding in encodings.items():
        if path in files and not _is_writable(files[path].content, encoding):
            what = f"the template's {path} cannot be written in {encoding}, which .gitattributes asks for"
            hint = "remove the attribute working-tree-encoding of this file, commit, and run the same command again"
            raise UnwritableEncodingError(what, hint, path=path, encoding=encoding)


def _is_writable(content: bytes, encoding: str) -> bool:
    try:
        codec = codecs.lookup(encoding.upper().removesuffix("-BOM"))
    except LookupError:
        return True  # git knows some encodings that Python does not know
    try:
        codec.encode(content.decode())
    except UnicodeError:
        return False
    return True


Files = Mapping[str, File]


def rendered_files(template: Template, answers: Answers, folder: Path) -> dict[str, File]:
    """Return the rendered files of the release `template`; some of them are also written below the empty `folder`."""
    found = template.rendered(answers, folder)
    found.pop(LOCK, None)  # the lock is never merged
    return found


def as_stored(  # noqa: PLR0913 - each decides what is stored
    scratch: Scratch, head: str, ours: Mapping[str, Entry], old: Files, new: Files, *, whole: Collection[str]
) -> tuple[Files, Files]:
    """Return both renderings as the project's git would store them. Otherwise every line of a file could conflict.

    `head` is the commit of the repository, and `ours` are the project's files in it. Line ends and encodings follow the
    repository's settings and attributes. A file whose line ends differ from the template's keeps them, except those of
    `whole`, which are not merged as text.
    """
    stored, object_format = {entry.oid for entry in ours.values()}, scratch.repository.object_format
    as_rendered = {path for path, file in old.items() if blob_id(file.content, object_format) in stored}
    as_rendered |= _moved_in_crlf(scratch, ours, old)
    names = [path for path in dict.fromkeys([*convertible(old), *convertible(new)]) if path not in as_rendered]
    demanded = index.set_attributes(scratch, "working-tree-encoding", names, scratch.repository.prefix)
    twice = _twice_encoded(scratch, head, ours, old, demanded)
    rendered, old = old, _cleaned(scratch, head, old, demanded, as_rendered | (_in_utf8(old, demanded) - twice))
    crlf = [path for path, file in rendered.items() if b"\r\n" in file.content]
    if crlf and all(old[path] == rendered[path] for path in crlf):  # new files keep theirs too
        as_rendered |= {path for path in new if path not in old}
    new = _cleaned(scratch, head, new, demanded, as_rendered | (_in_utf8(new, demanded) - twice))
    refuse_unwritable({path: file for path, file in new.items() if file != old.get(path)}, demanded)
    changed = [path for path in new if path in old and new[path] != old[path] and path not in whole]
    project = {path: content for path, content in scratch.files(ours, changed).items() if content != old[path].content}
    crlf = [path for path, content in project.items() if _is_crlf(content)]
    lf = [path for path, content in project.items() if _is_lf(content) and _is_crlf(old[path].content)]
    line_ends = dict.fromkeys(crlf, b"\r\n") | dict.fromkeys(lf, b"\n")
    return _converted(old, line_ends), _converted(new, line_ends)


def _moved_in_crlf(scratch: Scratch, ours: Mapping[str, Entry], old: Files) -> set[str]:
    """Return removed CRLF files of the template, if the project has own CRLF files of the same kind."""
    gone = [path for path, file in old.items() if path not in ours and _is_crlf(file.content)]
    kinds = {path: PurePosixPath(path).suffix for path in (*ours, *gone)} if gone else {}
    wanted = {kinds[path] for path in gone}
    own = scratch.files(ours, [path for path, kind in kinds.items() if path not in old and kind in wanted])
    kept = {kinds[path] for path, content in own.items() if _is_crlf(content)}
    return {path for path in gone if kinds[path] in kept}


def _in_utf8(files: Files, demanded: Mapping[str, str]) -> set[str]:
    """Return files that are already in UTF-8, as git stores them, although an attribute names another encoding."""
    return {path for path in demanded if path in files and is_utf8(files[path].content)}


def _twice_encoded(
    scratch: Scratch, head: str, ours: Mapping[str, Entry], old: Files, demanded: Mapping[str, str]
) -> set[str]:
    """Return those of them that the project has committed as rendered, although git reads them in that encoding."""
    files = {path: old[path] for path in _in_utf8(old, demanded) if can_be_in(old[path].content, demanded[path])}
    stored = _cleaned(scratch, head, files, demanded, ())
    return {
        path
        for path, content in scratch.files(ours, list(files)).items()
        if is_twice_encoded(files[path].content, stored[path].content, content)
    }


def _cleaned(
    scratch: Scratch, head: str, files: Files, demanded: Mapping[str, str], as_rendered: Collection[str]
) -> Files:
    """Return `files` as `git add` would store them, except those that the project has stored as rendered."""
    raw = {path: file.content for path, file in files.items() if path not in as_rendered}
    paths = [
        path
        for path, content in raw.items()
        if (can_be_in(content, demanded[path]) if path in demanded else _has_crlf(content))
    ]
    if not paths:
        return files
    top = scratch.repository.prefix
    entries = scratch.add(head, {top + path: raw[path] for path in paths})
    contents = scratch.files({path: entries[top + path] for path in paths}, paths)
    return {**files, **{path: File(files[path].mode, content) for path, content in contents.items()}}


def _has_crlf(content: bytes) -> bool:
    return b"\r\n" in content and b"\0" not in content


def _is_crlf(content: bytes) -> bool:
    return _has_crlf(content) and content.count(b"\n") == content.count(b"\r\n")


def _is_lf(content: bytes) -> bool:
    return b"\n" in content and b"\0" not in content and b"\r\n" not in content


def _converted(files: Files, line_ends: Mapping[str, bytes]) -> Files:
    plain = {path: files[path].content.replace(b"\r\n", b"\n") for path in line_ends}
    converted = {path: plain[path].replace(b"\n", line_end) for path, line_end in line_ends.items()}
    return {**files, **{path: File(files[path].mode, content) for path, content in converted.items()}}
