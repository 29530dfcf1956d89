"""Actions of users on the files of their project. Each line that they write has a unique token (`u1`, `u2`, …)."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from testing.simulation.actions import Act, picked
from testing.simulation.snapshots import is_folder, seen, tokens_of
from testing.simulation.sources import ENTRIES
from testing.simulation.template_model import ANSWERS

IGNORED = "*.log"
MARKERS = ("<<<<<<< ours/mine", "=======", ">>>>>>> theirs/other")


@dataclass
class Hands:
    """Works below `root`; `committed` tells of the files that git is to know."""

    root: Path
    coming: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """Paths that later versions of the template have, with what is in them."""
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

    def _copy(self, act: Act) -> None:
        if path := self._chosen(act):
            shutil.copy2(path, self._fresh(act, path.suffix))

    def _swap(self, act: Act) -> None:
        one, other = self._chosen(act), self._chosen(replace(act, file=act.file + act.line + 1))
        if one and other and one != other:
            between = self._fresh(act, ".swap")
            one.rename(between)
            other.rename(one)
            between.rename(other)

    def _shim(self, act: Act) -> None:
        """Nothing is left of what the template had there."""
        self._rewrite(act, lambda _: b"".join(self.lines(act.size)))

    def _move_folder(self, act: Act) -> None:
        folders = sorted({path.rpartition("/")[0] for path in seen(self.root)} - {"", "src", "src/shop", "src/store"})
        if folder := picked([name for name in folders if is_folder(self.root / name)], act.file):
            target = self.root / ("mine" if act.other % 2 else "") / f"folder{next(self.tokens)}"
            target.parent.mkdir(exist_ok=True)
            if not target.is_relative_to(self.root / folder):
                (self.root / folder).rename(target)
                name = target.relative_to(self.root).as_posix()
                self.loose = {
                    name + path.removeprefix(folder) if path.startswith(f"{folder}/") else path for path in self.loose
                }
                self._tidy(self.root / folder)

    def _adopt(self, act: Act) -> None:
        """A file as a later version of the template has it, at its place; and something else at its old place."""
        if (path := self._in_the_way(replace(act, other=1))) is None:
            return
        content = picked(self.coming[path.relative_to(self.root).as_posix()], act.size) or b""
        path.write_bytes((content, content, content + self.lines(1)[0])[act.other % 3])
        wanted = set(tokens_of(content))
        old = [place for place in self._files() if place != path and wanted & set(tokens_of(place.read_bytes()))]
        if place := picked(old, act.file):
            self._leave_at(place, act)

    def _leave_at(self, old: Path, act: Act) -> None:
        """Leave something at the path of a file that was copied."""
        lines = old.read_bytes().splitlines(keepends=True)
        at = act.line // 5 % (len(lines) + 1)
        match act.line % 5:
            case 0:
                old.write_bytes(b"".join([*lines[:at], *self.lines(act.size), *lines[at:]]))
            case 1:
                old.write_bytes(b"".join(self.lines(act.size)))
            case 2:
                old.unlink()
                self._tidy(old)
            case 3:
                old.unlink()
                old.symlink_to(self.lines(1)[0].decode().split()[0])

    def _depend(self, act: Act) -> None:
        """More entries in a list, as `uv add` or a hand puts them: at the end, at the beginning or in between."""
        paths = [path for path in (self.root / name.replace("@", "shop") for name in ENTRIES) if path.is_file()]
        if path := picked(paths, act.file):
            form = ENTRIES[path.relative_to(self.root).as_posix().replace("src/shop", "src/@")]
            lines = path.read_bytes().decode().splitlines(keepends=True)
            first = form.before.count("\n")
            last = len(lines) - form.after.count("\n")
            at = (last, first, (first + last) // 2)[act.other % 3]
            names = [line.split()[0].decode() for line in self.lines(act.size)]
            entries = [form.entry.format(token=name, number=1) + "\n" for name in names]
            path.write_bytes("".join([*lines[:at], *entries, *lines[at:]]).encode())

    def _long_name(self, act: Act) -> None:
        """As long as a file system takes."""
        if path := self._chosen(act):
            token = f"L{next(self.tokens)}"
            path.rename(path.with_name(token.ljust((244, 248, 250, 255)[act.other % 4], "x")))

    def _tool_name(self, act: Act) -> None:
        """A name that the tool, or git, could take for itself."""
        if path := self._chosen(act):
            suffix = (".copperplate", ".new", ".orig", "~ours_your-project", ".lock")[act.other % 5]
            mine = path.with_name(path.name + suffix)
            if not os.path.lexists(mine) and len(os.fsencode(mine.name)) < 256:
                mine.write_bytes(b"".join(self.lines(act.size)))
        folder = self.root / (".copperplate-landing", ".copperplate", "copperplate-kept")[act.other % 3]
        folder.mkdir(exist_ok=True)
        (folder / f"m{next(self.tokens)}").write_bytes(b"".join(self.lines(act.size)))

    def _mode(self, act: Act) -> None:
        """Modes that git does not know."""
        if path := self._chosen(act):
            path.chmod((0o600, 0o444, 0o640, 0o700, 0o664)[act.line % 5])
            if act.other % 2 and path.parent != self.root:
                path.parent.chmod((0o700, 0o775, 0o750)[act.line % 3])

    # Files that are not committed.

    def _empty_folder(self, act: Act) -> None:
        """An empty folder, where the template will have a file or anywhere."""
        free = [path for path in sorted(self.coming) if not os.path.lexists(self.root / path)]
        path = self.root / (picked(free, act.file) or "empty") / ("", "deep")[act.other % 2]
        if not any(parent.is_file() or parent.is_symlink() for parent in path.parents):
            path.mkdir(parents=True, exist_ok=True)

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
        return picked(self._files(), act.file)

    def _files(self) -> list[Path]:
        """Lists apart, to which one only adds."""
        lists = {name.replace("@", package) for name in ENTRIES for package in ("shop", "store")}
        return [
            self.root / path
            for path, blob in sorted(seen(self.root).items())
            if path not in {ANSWERS, *lists, *self.loose} and not path.startswith(".git") and not blob.is_link
        ]

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
        if self._is_committed(path) or any(parent.is_file() or parent.is_symlink() for parent in path.parents):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _is_committed(self, path: Path) -> bool:
        """A file that a sparse checkout leaves out is committed, although it is not there."""
        command = ["git", "--literal-pathspecs", "ls-files", "--error-unmatch", "--", str(path)]
        return subprocess.run(command, cwd=self.root, capture_output=True, check=False).returncode == 0

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
MOVES = ("adopt", "adopt", "adopt", "copy", "shim", "swap", "move_folder", "rename", "insert", "delete", "collide")
ODD = ("long_name", "tool_name", "mode", "rename", "delete", "link", "insert")
LOOSE = ("ignored", "untracked", "in_way", "dirty")
