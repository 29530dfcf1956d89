"""Encodings that a project's git has in the work tree, but not in the repository: there it stores UTF-8."""

import codecs
import os
from collections.abc import Iterable, Mapping

from copperplate.errors import RefusedError
from copperplate.git import index
from copperplate.git.scratch import Scratch
from copperplate.git.trees import UNSET
from copperplate.system.files import File


def demanded(scratch: Scratch, paths: Iterable[str]) -> dict[str, str]:
    """The encoding in the work tree, of those of `paths` for which the attribute `working-tree-encoding` is set."""
    asked = list(paths)
    if not asked:
        return {}
    repository = scratch.repository
    names = b"".join(os.fsencode(repository.prefix + path) + b"\0" for path in asked)
    arguments = ("check-attr", "-z", "--stdin", "working-tree-encoding")
    copy = index.private_copy(scratch, "encoded.index")
    values = scratch.run_at(repository.root, *arguments, index=copy, stdin=names).split(b"\0")[2::3]
    return {path: os.fsdecode(value) for path, value in zip(asked, values, strict=True) if value not in UNSET}


def convertible(files: Mapping[str, File]) -> list[str]:
    """The paths of files that git may store in other bytes, where an encoding is demanded."""
    return [
        path
        for path, file in files.items()
        if b"\0" in file.content or b"\r\n" in file.content or not file.content.isascii()
    ]


def is_in(content: bytes, encoding: str) -> bool:
    """Whether content can be in an encoding: in UTF-16 and UTF-32 hardly any text is without a byte that is zero."""
    return b"\0" in content or not encoding.upper().startswith(("UTF-16", "UTF-32"))


def is_utf8(content: bytes) -> bool:
    """Whether these are letters beyond ASCII in UTF-8: text in another encoding is hardly ever that by chance."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content and not content.isascii()


def is_twice_encoded(rendered: bytes, stored: bytes, project: bytes) -> bool:
    """Whether the project has stored UTF-8 that git took for another encoding: `stored` is what git makes of it."""
    lines = set(project.splitlines())
    has_stored, has_rendered = (
        any(not line.isascii() and line in lines for line in content.splitlines()) for content in (stored, rendered)
    )
    return has_stored and not has_rendered


def refuse_unwritable(files: Mapping[str, File], encodings: Mapping[str, str]) -> None:
    """Refuse what git could not write in the work tree: it would write UTF-8 there, and then read it wrongly."""
    for path, encoding in encodings.items():
        if path in files and not _is_writable(files[path].content, encoding):
            raise RefusedError(
                f"the template's {path} cannot be written in {encoding}, which .gitattributes asks for",
                "remove the attribute working-tree-encoding of this file, commit, and run the same command again",
            )


def _is_writable(content: bytes, encoding: str) -> bool:
    try:
        codec = codecs.lookup(encoding.upper().removesuffix("-BOM"))
    except LookupError:
        return True  # git knows encodings that Python does not know
    try:
        codec.encode(content.decode())
    except UnicodeError:
        return False
    return True
