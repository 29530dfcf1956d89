"""How git shows the way from one set of files to another, in a repository that is made for the purpose."""

import os
from collections.abc import Mapping
from pathlib import Path

from copperplate import git
from copperplate.system.files import File

_HEAD = "commit refs/heads/{}\ncommitter Copperplate <copperplate@localhost> 0 +0000\ndata 0\n"
_REGULAR = 0o100000
_PERMISSIONS = 0o7777


class Patches:
    """Works in `folder`, which is empty."""

    def __init__(self, folder: Path, before: Mapping[str, File], after: Mapping[str, File]) -> None:
        self._folder = folder
        git.output("init", "--quiet", "--bare", "--template=", ".", cwd=folder)
        same = {path for path, file in before.items() if after.get(path) == file}
        stream = b"".join(
            _commit(branch, {path: file for path, file in files.items() if path not in same})
            for branch, files in (("before", before), ("after", after))
        )
        plain = ("-c", "core.compression=0", "fast-import", "--depth=0")
        git.output(*plain, "--quiet", cwd=folder, stdin=stream)

    def shown(self, *options: str) -> bytes:
        """What `git diff` prints, whole: no setting and no attribute of anybody changes it."""
        fixed = ("--find-renames", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
        return git.output("diff", *fixed, *options, "before", "after", "--", cwd=self._folder).stdout


def _commit(branch: str, files: Mapping[str, File]) -> bytes:
    parts = (_written(path, file) for path, file in files.items())
    return b"".join((_HEAD.format(branch).encode(), *parts, b"\n"))


def _written(path: str, file: File) -> bytes:
    quoted = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    mode = file.mode if file.mode > _PERMISSIONS else _REGULAR | file.mode
    return b'M %o inline "%b"\ndata %d\n%b\n' % (mode, quoted, len(file.content), file.content)
