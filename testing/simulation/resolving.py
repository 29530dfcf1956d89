"""Work of users on a project with conflicts. Each line that they write has a unique token."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from testing.simulation.actions import Act, picked
from testing.simulation.repositories import Repository
from testing.simulation.snapshots import Files, is_folder, seen, tokens_of

Lines = Callable[[int], list[bytes]]


@dataclass
class Resolving:
    repository: Repository
    lines: Lines
    before: Files
    """The files before the update."""
    outside: Path
    """A folder that is none of the project's."""
    touched: set[str] = field(default_factory=set)
    """Files and folders in which the user has done something."""
    staged: bool = False
    written: set[bytes] = field(default_factory=set)
    """The tokens of lines that are to be found again."""

    @property
    def root(self) -> Path:
        return self.repository.project

    def do(self, act: Act) -> None:
        verb: Callable[[Act], None] = getattr(self, f"_{act.verb}")
        verb(act)

    def is_touched(self, path: str) -> bool:
        return any(path == at or path.startswith(f"{at}/") or at.startswith(f"{path}/") for at in self.touched)

    def _to_folder(self, act: Act) -> None:
        if path := self._file(act):
            self._forget(path)
            path.unlink()
            path.mkdir()
            self._write(path / "part.txt", self.lines(act.size))

    def _to_file(self, act: Act) -> None:
        """Put a file where a folder is, or was before the update."""
        if path := self._folder(act, there=act.other % 2 == 0):
            self._make_way(path)
            self._write(path, self.lines(act.size))

    def _link_out(self, act: Act) -> None:
        """Put a link where a folder is, or was, to a folder elsewhere that has files of these names."""
        if path := self._folder(act, there=act.other % 2 == 0):
            name = path.relative_to(self.root).as_posix()
            target = self.outside / f"folder{len(list(self.outside.iterdir()))}"
            for below in [place for place in {*self.before, *seen(self.root)} if place.startswith(f"{name}/")]:
                file = target / below.removeprefix(f"{name}/")
                with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):  # before the update or after it
                    if act.line % 2:
                        file.parent.mkdir(parents=True, exist_ok=True)
                        file.write_bytes(self.before[below].content if below in self.before else b"precious\n")
            target.mkdir(exist_ok=True)
            self._make_way(path)
            path.symlink_to(target)
            self.touched.add(name)

    def _link_file(self, act: Act) -> None:
        if path := self._file(act):
            target = self.outside / f"file{len(list(self.outside.iterdir()))}"
            target.write_bytes(b"precious\n")
            self._forget(path)
            path.unlink()
            path.symlink_to(target)

    def _append(self, act: Act) -> None:
        if path := self._file(act):
            with path.open("ab") as file:
                file.write(b"\n")
            self._write(path, self.lines(act.size), keep=True)

    def _rewrite(self, act: Act) -> None:
        if path := self._file(act):
            self._forget(path)
            new = path.with_name(f"new{act.line}.tmp")
            self._write(new, self.lines(act.size))
            new.replace(path)
            self.touched.add(path.relative_to(self.root).as_posix())

    def _delete(self, act: Act) -> None:
        if path := self._file(act):
            self._forget(path)
            path.unlink()

    def _add(self, act: Act) -> None:
        folder = self._folder(act, there=True) or self.root
        self._write(folder / f"new{act.line}", self.lines(act.size))

    def _come_back(self, act: Act) -> None:
        """A file that the update has removed is made anew."""
        gone = [path for path in sorted(self.before) if not os.path.lexists(self.root / path)]
        if path := picked(gone, act.file):
            place = self.root / path
            if not any(parent.is_file() or parent.is_symlink() for parent in place.parents):
                place.parent.mkdir(parents=True, exist_ok=True)
                self._write(place, self.lines(act.size))

    def _tool_name(self, act: Act) -> None:
        """Names that the tool could take for itself."""
        if path := self._file(act):
            suffix = (".copperplate", ".new", ".orig")[act.other % 3]
            if len(os.fsencode(path.name + suffix)) < 256:
                self._write(path.with_name(path.name + suffix), self.lines(act.size))
        folder = self.root / (".copperplate-landing", ".copperplate")[act.line % 2]
        folder.mkdir(exist_ok=True)
        self._write(folder / "mine.txt", self.lines(act.size))

    def _mode(self, act: Act) -> None:
        if path := self._file(act):
            path.chmod((0o600, 0o444, 0o700)[act.line % 3])
            self.touched.add(path.relative_to(self.root).as_posix())

    def _stage(self, act: Act) -> None:
        if path := self._file(act):
            self.repository.git("--literal-pathspecs", "add", "--force", "--sparse", "--", str(path))
            self.touched.add(path.relative_to(self.root).as_posix())
            self.staged = True

    def _write(self, path: Path, lines: list[bytes], *, keep: bool = False) -> None:
        if os.path.lexists(path) and not keep:
            self._forget(path)
        with path.open("ab" if keep else "wb") as file:
            file.writelines(lines)
        self.written |= {token for line in lines for token in tokens_of(line)}
        self.touched.add(path.relative_to(self.root).as_posix())

    def _forget(self, path: Path) -> None:
        """Forget a file: what the user removes need not be found again."""
        self.touched.add(path.relative_to(self.root).as_posix())
        if path.is_file() and not path.is_symlink():
            self.written -= set(tokens_of(path.read_bytes()))

    def _make_way(self, path: Path) -> None:
        if is_folder(path):
            for file in seen(path):
                self._forget(path / file)
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)

    def _file(self, act: Act) -> Path | None:
        """Rather one that the update has changed."""
        now = seen(self.root)
        changed = [path for path in sorted(now) if now[path] != self.before.get(path)]
        chosen = picked(changed if changed and act.other % 4 else sorted(now), act.file)
        path = self.root / chosen if chosen else None
        return path if path and path.is_file() and not path.is_symlink() else None

    def _folder(self, act: Act, *, there: bool) -> Path | None:
        """One of the project's, or one that the update has removed."""
        files = {*seen(self.root)} if there else {*self.before}
        folders = sorted({path.rpartition("/")[0] for path in files} - {"", ".copperplate-landing"})
        found = [self.root / name for name in folders if is_folder(self.root / name) == there]
        found = [
            path
            for path in found
            if not any(parent.is_file() or parent.is_symlink() for parent in (path, *path.parents))
        ]
        return picked(found, act.file)


VERBS = tuple(
    name.removeprefix("_")
    for name in (
        *("_to_folder", "_to_file", "_link_out", "_link_file", "_append", "_rewrite", "_delete", "_add", "_come_back"),
        *("_tool_name", "_mode", "_stage", "_to_folder", "_to_file", "_link_out"),
    )
)
