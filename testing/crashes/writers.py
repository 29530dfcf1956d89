"""Writers: other processes, such as an editor, a formatter or the user's git, that write during a command."""

import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from testing.crashes.processes import Ended, Moment
from testing.crashes.subjects import CONTINUE, State, Subject
from testing.simulation.actions import Act, picked
from testing.simulation.snapshots import seen

_REFUSED = 3


@dataclass
class Writer:
    """Writes once, into files that the command changes, adds or deletes, or into any other one."""

    root: Path
    changed: list[str]
    """Paths of the command's."""
    others: list[str]
    token: str
    paths: set[str] = field(default_factory=set)
    """Paths that it has written to, or deleted."""
    wrote: bool = False
    """True if it has written something that must be found again."""
    commits: bool = False

    @property
    def line(self) -> bytes:
        return f"{self.token} = 1\n".encode()

    def do(self, act: Act) -> None:
        getattr(self, f"_{act.verb}")(act)

    def _append(self, act: Act) -> None:
        if path := self._file(act):
            with path.open("ab") as file:
                file.write(b"\n" + self.line)
            self._wrote(path)

    def _save(self, act: Act) -> None:
        """As editors do: a new file takes the place of the old one."""
        if path := self._file(act):
            new = path.with_name(f"{self.token}.tmp")
            new.write_bytes(path.read_bytes() + b"\n" + self.line)
            new.replace(path)
            self._wrote(path)

    def _create(self, act: Act) -> None:
        """Create a file at a path where the command adds one, if it has not yet."""
        free = [path for path in self.changed if not os.path.lexists(self.root / path)]
        path = self.root / (picked(free, act.file) or f"new/{self.token}")
        if act.other % 3 == 0:
            path /= "inner.txt"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.line)
        except (FileExistsError, NotADirectoryError):
            return
        self._wrote(path)

    def _delete(self, act: Act) -> None:
        if path := self._file(act):
            path.unlink()
            self.paths.add(path.relative_to(self.root).as_posix())

    def _chmod(self, act: Act) -> None:
        if path := self._file(act):
            path.chmod((0o600, 0o755, 0o444)[act.line % 3])
            self.paths.add(path.relative_to(self.root).as_posix())

    def _to_folder(self, act: Act) -> None:
        if path := self._file(act):
            path.unlink()
            path.mkdir()
            (path / "part.txt").write_bytes(self.line)
            self._wrote(path / "part.txt")
            self.paths.add(path.relative_to(self.root).as_posix())

    def _stage(self, act: Act) -> None:
        self._append(act)
        for path in self.paths:
            self._git("--literal-pathspecs", "add", "--", path)

    def _commit(self, act: Act) -> None:
        self._stage(act)
        self.commits = self._git("commit", "--quiet", "--message=meanwhile")

    def _git(self, *arguments: str) -> bool:
        """True if git has succeeded: it may find its index locked, or conflicts in it."""
        return subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=False).returncode == 0  # noqa: S607

    def _wrote(self, path: Path) -> None:
        self.paths.add(path.relative_to(self.root).as_posix())
        self.wrote = True

    def _file(self, act: Act) -> Path | None:
        choices = self.others if act.other == 0 else self.changed
        there = [path for path in choices if (self.root / path).is_file() and not (self.root / path).is_symlink()]
        chosen = picked(there, act.file)
        return self.root / chosen if chosen else None


VERBS = ("append", "append", "save", "save", "create", "create", "delete", "chmod", "to_folder", "stage", "commit")


@dataclass
class Writers:
    subject: Subject
    told: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def written_at(self, event: int, act: Act) -> None:
        """Just before the n-th event of the command."""
        subject = self.subject
        self.number += 1
        start, end = subject.start.files, subject.end.files
        prefix = subject.living.repository.prefix
        paths = sorted(path.removeprefix(prefix) for path in {*start, *end} if path.startswith(prefix))
        changed = [path for path in paths if start.get(prefix + path) != end.get(prefix + path)]
        others = [path for path in paths if path not in changed]
        writer = Writer(subject.living.top, changed, others, f"u9{self.number:05}")
        ended = subject.run(Moment(event, lambda: self._remembered(writer, act)))
        writer.paths, writer.wrote, writer.commits = self._memory()
        try:
            self._judge(ended, writer, stages=act.verb == "stage")
        except AssertionError as error:
            raise AssertionError(f"{act} at event {event} of {subject.command}: {error}; {ended}") from error
        self.told[f"{subject.command[0]} {subject.phase}: {act.verb}, exit code {ended.code}"] += 1
        subject.reset()

    def _remembered(self, writer: Writer, act: Act) -> None:
        """Note in a file what it has done, because the process that looks is another one."""
        writer.do(act)
        facts = "\0".join([str(int(writer.wrote)), str(int(writer.commits)), *sorted(writer.paths)])
        self._notes.write_bytes(os.fsencode(facts))

    def _memory(self) -> tuple[set[str], bool, bool]:
        if not self._notes.exists():
            return set(), False, False
        wrote, commits, *paths = os.fsdecode(self._notes.read_bytes()).split("\0")
        self._notes.unlink()
        return set(paths), wrote == "1", commits == "1"

    @property
    def _notes(self) -> Path:
        return self.subject.living.repository.top.with_name("notes")

    def _judge(self, ended: Ended, writer: Writer, *, stages: bool) -> None:
        subject = self.subject
        if writer.wrote:
            self._found_again(ended, writer)
        assert ended.code in {0, 4, _REFUSED}, "it failed"
        found = subject.state()
        if writer.commits:  # it may have changed what is to be merged, or what to go back to
            return
        if ended.code in {0, 4}:
            assert ended.code == subject.code, "it ended otherwise than without the other process"
            if stages and subject.phase == CONTINUE:  # what is staged while it begins belongs to the commit
                found = replace(found, tree=subject.end.tree) if self._is_committed_too(writer) else found
            self._is(found, subject.end, writer)
            return
        if "--abort" in ended.said and subject.phase == "update":
            again = subject.abort()
            if writer.wrote:
                self._found_again(again, writer, f"{ended.said}; {again.said}")
            assert again.code in {0, _REFUSED}, f"--abort does not help: {again}"
            found = subject.state()
        self._is(found, subject.start, writer)
        if subject.phase == "update":
            subject.nothing_left()

    def _is_committed_too(self, writer: Writer) -> bool:
        """True if the commit has what the other process has staged."""
        shown = subprocess.run(
            ["git", "grep", "--quiet", "--fixed-strings", writer.token, "HEAD"],  # noqa: S607
            cwd=self.subject.living.top,
            check=False,
        )
        return shown.returncode == 0

    def _found_again(self, ended: Ended, writer: Writer, said: str = "") -> None:
        """In the work tree, or in a place that the command names."""
        token = writer.token.encode()
        if any(token in blob.content for blob in seen(self.subject.living.top).values()):
            return
        git = self.subject.living.repository.git_dir
        places = [path for path, blob in seen(git).items() if token in blob.content]
        told = [path for path in places if _is_named(f"{git.name}/{path.partition('/')[0]}", said or ended.said)]
        assert told, f"what was written meanwhile is in no file of the project, and in no place that is named: {places}"

    def _is(self, found: State, expected: State, writer: Writer) -> None:
        """But for what the other process has written to."""
        written = [self.subject.living.repository.prefix + path for path in writer.paths]

        def own(path: str) -> bool:
            return any(path == at or path.startswith(f"{at}/") or at.startswith(f"{path}/") for at in written)

        for name, (mine, others) in {
            "files": (expected.files, found.files),
            "modes": (expected.modes, found.modes),
        }.items():
            wrong = [path for path in sorted({*mine, *others}) if mine.get(path) != others.get(path) and not own(path)]
            assert not wrong, f"{name} are others than they should be: {wrong}"
        assert found.tree == expected.tree, "the commit is another"


def _is_named(place: str, said: str) -> bool:
    """By its end: the path before it may hold what is shown otherwise, such as a line feed."""
    return re.search(rf"/{re.escape(place)}(?![\w-])", said) is not None
