"""What two versions of a template render to, made fit to be merged with what has become of the project."""

from collections.abc import Callable, Mapping
from pathlib import Path

from copperplate import render
from copperplate.answers import Answers
from copperplate.comparison import LOCK
from copperplate.history import File
from copperplate.template import Template

Files = Mapping[str, File]


def rendered(template: Template, answers: Answers, folder: Path) -> dict[str, File]:
    """The files that `template`, a release, renders to; some are written below the empty `folder` on the way."""
    found = render.rendered(
        template.files, answers.data(), version=template.version, source=template.source, inside=folder
    )
    found.pop(LOCK, None)  # never merged: it is made again
    return found


def in_line_ends_of(project: Callable[[list[str]], Mapping[str, bytes]], old: Files, new: Files) -> tuple[Files, Files]:
    """Both, with CRLF in files that the user has changed and keeps so, or else every line of them would conflict."""
    changed = [path for path in new if path in old and new[path] != old[path]]
    crlf = [path for path, content in project(changed).items() if content != old[path].content and _is_crlf(content)]
    return _converted(old, crlf), _converted(new, crlf)


def _is_crlf(content: bytes) -> bool:
    return b"\r\n" in content and b"\0" not in content and content.count(b"\n") == content.count(b"\r\n")


def _converted(files: Files, paths: list[str]) -> Files:
    return {**files, **{path: _with_crlf(files[path]) for path in paths}}


def _with_crlf(file: File) -> File:
    return File(file.mode, file.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
