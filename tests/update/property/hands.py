"""What users do to the files of their project. Each line that they write has a token of its own (`u1`, `u2`, …)."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.update.property.acts import Act, picked
from tests.update.property.evolving import ANSWERS
from tests.update.property.seeing import seen

IGNORED = "*.log"
MARKERS = ("<<<<<<< ours/mine", "=======", ">>>>>>> theirs/other")


@dataclass
class Hands:
    """Works below `root`; `committed` tells of the files that git is to know."""

    root: Path
    coming: Iterable[str] = ()
    """Paths that later versions of the template have."""
    loose: set[str] = field(default_factory=set)
    """Files that are not to be committed."""
    tokens: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def do(self, act: Act) -> None:
        verb: Callable[[Act], None] = getattr(self, f"_{act.verb}")
        verb(act)

    def lines(self, number: int) -> list[bytes]:
        return [b"u%d = %d\n" % (token, token * 7919) for token in (next(self.tokens) for _ in range(number))]

    # Work on files of the project.

    def _insert(self, act: Act) -> None:
        self._edit(act, lambda lines, at: [*lines[:at], *self.lines(act.size), *lines[at:]])

    def _change(self, act: Act) -> None:
        self._edit(act, lambda lines, at: [*lines[:at], *self.lines(1), *lines[at + act.size :]])

    def _cut(self, act: Act) -> None:
        self._edit(act, lambda lines, at: [*lines[:at], *lines[at + act.size :]])

    def _marker(self, act: Act) -> None:
        marked = [mark.encode() + b" \n" for mark in MARKERS]
        between = self.lines(2)
        block = [marked[0], between[0], marked[1], between[1], marked[2]]
        self._edit(act, lambda lines, at: [*lines[:at], *block, *lines[at:]])

    def _last_newline(self, act: Act) -> None:
        self._rewrite(act, lambda old: old.removesuffix(b"\n") if old.endswith(b"\n") else old + b"\n")

    def _crlf(self, act: Act) -> None:
        self._rewrite(act, lambda old: old.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def _bom(self, act: Act) -> None:
        self._rewrite(act, lambda old: b"\xef\xbb\xbf" + old.removeprefix(b"\xef\xbb\xbf"))

    def _binary(self, act: Act) -> None:
        self._rewrite(act, lambda _: b"\0\x01\xfe" + b"".join(self.lines(act.size)))

    def _link(self, act: Act) -> None:
        if path := self._chosen(act):
            path.unlink()
            path.symlink_to(self.lines(1)[0].decode().split()[0])

    def _chmod(self, act: Act) -> None:
        if path := self._chosen(act):
            path.chmod(path.stat().st_mode ^ 0o111)

    def _rename(self, act: Act) -> None:
        if path := self._chosen(act):
            path.rename(self._fresh(act, path.suffix))
            self._tidy(path)

    def _delete(self, act: Act) -> None:
        if path := self._chosen(act):
            path.unlink()
            self._tidy(path)

    def _add(self, act: Act) -> None:
        self._fresh(act, ".txt").write_bytes(b"".join(self.lines(2 * act.size)))

    def _odd(self, act: Act) -> None:
        """A file whose name and content nobody would think of."""
        name = ('qu"o\\te', "new\nline", "\udcff raw", " sp ace ", "-rf")[act.other % 5]
        (self.root / f"{name}{next(self.tokens)}").write_bytes(b"\xff\r\n\0" + self.lines(1)[0])

    def _collide(self, act: Act) -> None:
        """A file that a later version of the template also adds, or a folder where it has a file."""
        if path := self._in_the_way(act):
            path.write_bytes(b"".join(self.lines(act.size)))

    def _import(self, act: Act) -> None:
        """A module that needs another one."""
        modules = sorted(path for path in (self.root / "src").rglob("*.py") if path.is_file())
        if chosen := picked(modules, act.line):
            name = ".".join(chosen.relative_to(self.root / "src").with_suffix("").parts)
            self._fresh(act, ".py").write_bytes(b"import %s\n" % name.encode() + self.lines(1)[0])

    # Files that are not committed.

    def _ignored(self, act: Act) -> None:
        path = self._fresh(act, ".log")
        path.write_bytes(b"".join(self.lines(act.size)))
        self._keep_loose(path)

    def _untracked(self, act: Act) -> None:
        path = self._fresh(act, ".tmp")
        path.write_bytes(b"".join(self.lines(act.size)))
        self._keep_loose(path)

    def _in_way(self, act: Act) -> None:
        """An untracked file just where the update will have to put one."""
        if path := self._in_the_way(act):
            path.write_bytes(b"".join(self.lines(act.size)))
            self._keep_loose(path)

    def _dirty(self, act: Act) -> None:
        """An edit that is not committed."""
        before = self._chosen(act)
        self._insert(act)
        if before:
            self._keep_loose(before)

    def _keep_loose(self, path: Path) -> None:
        self.loose.add(path.relative_to(self.root).as_posix())

    def _edit(self, act: Act, edited: Callable[[list[bytes], int], list[bytes]]) -> None:
        def rewritten(old: bytes) -> bytes:
            lines = old.splitlines(keepends=True)
            new = edited(
                [line if line.endswith(b"\n") else line + b"\n" for line in lines], act.line % (len(lines) + 1)
            )
            content = b"".join(new)
            return content if not lines or lines[-1].endswith(b"\n") else content.removesuffix(b"\n")

        self._rewrite(act, rewritten)

    def _rewrite(self, act: Act, rewritten: Callable[[bytes], bytes]) -> None:
        if path := self._chosen(act):
            path.write_bytes(rewritten(path.read_bytes()))

    def _chosen(self, act: Act) -> Path | None:
        """A regular file that is or will be committed, the answers apart."""
        files = [
            path
            for path, blob in sorted(seen(self.root).items())
            if path != ANSWERS and path not in self.loose and not blob.is_link
        ]
        path = picked(files, act.file)
        return self.root / path if path else None

    def _fresh(self, act: Act, suffix: str) -> Path:
        folder = ("", "docs", "src/shop", "mine/own")[act.other % 4]
        path = self.root / folder / f"m{next(self.tokens)}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _in_the_way(self, act: Act) -> Path | None:
        free = [path for path in sorted(self.coming) if not os.path.lexists(self.root / path)]
        if (found := picked(free, act.file)) is None:
            return None
        path = self.root / found / "own.txt" if act.other % 5 == 0 else self.root / found
        if any(parent.is_file() or parent.is_symlink() for parent in path.parents):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _tidy(self, path: Path) -> None:
        """Leave no empty folders, for git knows none."""
        for folder in path.parents:
            if folder == self.root or any(folder.iterdir()):
                return
            folder.rmdir()


WORK = (
    *("insert", "change", "cut", "insert", "change", "cut", "rename", "delete", "add", "collide", "import"),
    *("last_newline", "crlf", "bom", "binary", "link", "chmod", "marker", "odd"),
)
LOOSE = ("ignored", "untracked", "in_way", "dirty")
