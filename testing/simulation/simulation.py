"""Simulation of one history of a project, with checks after each step."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

from copperplate.commands.update import UpdateRequest, abort, update
from copperplate.errors import RefusedError
from copperplate.errors.updates import InTheWayError
from copperplate.progress import Silent
from copperplate.questions.answers import Answers
from copperplate.system.disk import write_files
from copperplate.templates import render, template
from copperplate.templates.bundled import Release
from copperplate.templates.releases import Releases
from copperplate.update.result import Options, State, UpdateResult
from testing.simulation import oracle, repositories
from testing.simulation.actions import Act, Life, Turn, picked
from testing.simulation.conflicts import ENDS, Conflicts
from testing.simulation.oracle import Scene
from testing.simulation.repositories import Repository
from testing.simulation.snapshots import Everything, Files, as_seen, in_plain_line_ends, seen
from testing.simulation.template_model import ANSWERS, FIRST_WITH_MORE, Evolving
from testing.simulation.user_actions import IGNORED, Hands
from testing.worlds import SOURCE

Told = Counter[str]


@dataclass
class Living:
    repository: Repository
    template: Evolving
    hands: Hands
    told: Told
    version: str = "1.0"
    answers: dict[str, object] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    started: str = ""
    """The commit from which the last update began."""

    @classmethod
    def begun(cls, life: Life, folder: Path, told: Told) -> "Living":
        evolving = Evolving.of(life.versions)
        repository = repositories.create(folder, life.settings, IGNORED)
        living = cls(repository, evolving, Hands(repository.project), told)
        living.releases = {name: evolving.release(name) for name in evolving.names}
        with template.of_release(living.releases["1.0"], SOURCE, inside=folder) as opened:
            living.answers = dict(
                Answers.from_data({"project_name": "Shop", "extra": life.extra}, opened.manifest).data()
            )
        for project in (repository.other, repository.project):
            if project:
                files = evolving.as_copier_does(living.releases["1.0"], living.answers, source=SOURCE, inside=project)
                write_files(files, project)
        repository.git("add", "--all", "--", ":/")
        living.commit()
        return living

    @property
    def top(self) -> Path:
        """The project's."""
        return self.repository.project

    def git(self, *arguments: str) -> bytes:
        return self.repository.git(*arguments)

    def commit(self) -> None:
        self.repository.clear_bits()
        self.git("add", "--all", *self.repository.sparse)
        self.git("commit", "--quiet", "--allow-empty", "--message=work")
        self.hands.loose = {path for path in self.hands.loose if path.endswith(".log")}

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").decode().strip()

    def everything(self) -> Everything:
        return Everything.of(self.repository.top, self.repository.git_dir)

    def view(self) -> Files:
        """The project's files, and those that git has but does not check out."""
        hidden = {path: blob for path, blob in self.repository.hidden().items() if path not in self.hands.loose}
        return {**seen(self.top), **hidden}

    def run(self, request: UpdateRequest, *, dry: bool = False) -> UpdateResult:
        options = Options(verify=False, dry_run=dry)
        releases = Releases(SOURCE, self.releases)
        return update(self.top, request, releases=releases, options=options, progress=Silent())

    def turn(self, turn: Turn, *, again: bool = False) -> None:
        """With `again`, what was in the way is committed."""
        self.hands.coming = self.coming()
        self.act(turn.work)
        self.commit()
        ours = {path: blob for path, blob in self.view().items() if path not in self.hands.loose}
        if not again:
            self.repository.set_late(lambda: self.hidden(turn.request))
            # Ignored files outside of a sparse checkout are removed by git itself.
            self.hands.loose = {path for path in self.hands.loose if os.path.lexists(self.top / path)}
            self.hands.coming = self.coming()
        self.act(turn.loose)
        request, target, answers = self.wished(turn.request)
        before, self.started = self.everything(), self.head()
        scene = Scene(
            base=as_seen(self.template.rendered(self.version, self.answers)),
            ours=self.as_committed(ours),
            theirs=as_seen(self.template.rendered(target, answers)),
            loose=frozenset(self.hands.loose),
            before=self.view(),
            merges_by_lines=self.repository.merges_by_lines,
        ).converted(self.repository.converts)
        preview = self.looked(request, before) if turn.dry else None
        try:
            result = self.run(request)
        except RefusedError as refused:
            self.refused(refused, scene, before, again=again)
            self.commit()
            self.turn(replace(turn, work=(), loose=()), again=True)
            return
        self.told[f"ended: {result.state}"] += 1
        if preview is not None and result.state is not State.UNCHANGED:
            assert preview.report == result.report
        self.check(scene, result, before)
        if result.state is State.CONFLICTS:
            Conflicts(self, request, scene, before, result).live(turn)
        elif result.state is State.LANDED and turn.steps and not self.repository.settings:
            self.by_steps(request, target, scene)
        if result.state is not State.CONFLICTS or turn.resolve:
            self.version, self.answers = target, answers
            self.again()

    def coming(self) -> dict[str, list[bytes]]:
        """Return the files of later versions at paths without a file, also without one that is not checked out."""
        found: dict[str, list[bytes]] = {}
        for name in self.template.names:
            for path, file in self.template.rendered(name, {**self.answers, "extra": True}).items():
                found.setdefault(path, []).append(file.content)
        absent = self.repository.hidden()
        return {path: contents for path, contents in found.items() if path not in absent}

    def hidden(self, act: Act) -> str:
        """A file that git is told not to look at; the user edits it or leaves it."""
        files = os.fsdecode(self.git("ls-files", "-z")).split("\0")[:-1]
        files = [
            path
            for path in files
            if path != ANSWERS and (self.top / path).is_file() and not (self.top / path).is_symlink()
        ]
        path = picked(files, act.line) or ""
        if path and act.size > 1:
            with (self.top / path).open("ab") as file:
                file.writelines(self.hands.lines(1))
            self.hands.loose.add(path)
        return path

    def as_committed(self, ours: Files) -> Files:
        """With the attributes, which are set after the user's work in some lives."""
        name = ".gitattributes"
        return {**ours, name: seen(self.top)[name]} if (self.top / name).exists() else ours

    def act(self, acts: tuple[Act, ...]) -> None:
        for act in acts:
            self.hands.do(act)
            self.told[f"user: {act.verb}"] += 1

    def wished(self, act: Act) -> tuple[UpdateRequest, str, dict[str, object]]:
        """Return the request, the version that it leads to, and the answers."""
        names = self.template.names
        at = names.index(self.version)
        verb = "flip" if at + 1 == len(names) and act.verb == "update" else act.verb
        ahead = names[at + 1 :] if verb.startswith("update") else []
        target = picked(ahead, act.file) or self.version
        answers = dict(self.answers)
        options = ["extra"]
        if names.index(target) >= FIRST_WITH_MORE:
            answers.setdefault("more", True)
            options.append("more")
        flipped = [picked(options, act.other)] if verb == "flip" else []
        on = tuple(str(name) for name in flipped if not answers[str(name)])
        off = tuple(str(name) for name in flipped if answers[str(name)])
        licence = "MIT" if answers["license"] != "MIT" else "Apache-2.0"
        package = "store" if answers["package_name"] == "shop" else "shop"
        chosen = {"license": licence} if verb.endswith("set") else {"package_name": package} if verb == "rename" else {}
        answers |= {**dict.fromkeys(on, True), **dict.fromkeys(off, False), **chosen}
        self.told[f"request: {verb}"] += 1
        stay = target == self.version
        data = tuple(f"{name}={value}" for name, value in chosen.items())
        return UpdateRequest(to=None if stay else target, stay=stay, on=on, off=off, data=data), target, answers

    def looked(self, request: UpdateRequest, before: Everything) -> UpdateResult | None:
        try:
            preview = self.run(request, dry=True)
        except RefusedError:
            preview = None
        assert self.everything() == before, "a dry run has written something"
        self.told["dry runs"] += 1
        return preview

    def refused(self, error: RefusedError, scene: Scene, before: Everything, *, again: bool) -> None:
        assert self.everything() == before, "a refused update has written something"
        said = error.what
        assert isinstance(error, InTheWayError), said
        assert scene.loose, f"there was nothing in the way: {said}"
        assert not again, f"refused although all is committed: {said}"
        self.told["refused"] += 1

    def check(self, scene: Scene, result: UpdateResult, before: Everything) -> None:
        after, start = self.everything(), self.started
        if result.state is State.UNCHANGED:
            assert after == before, "nothing was to do, yet something was written"
            assert {**scene.base} == {**scene.theirs}
            return
        self.told["conflicts"] += len(result.report.conflicts)
        view = in_plain_line_ends(self.view()) if self.repository.converts else self.view()
        oracle.check(scene, result, view, self.unmerged())
        oracle.untouched(self.repository.other, before.files, after.files)
        status = os.fsdecode(self.git("status", "--porcelain", "-z", "--untracked-files=all"))
        if result.state is State.LANDED:
            loose = {entry[3:].removeprefix(self.repository.prefix) for entry in status.split("\0") if entry}
            if not self.repository.converts:  # else a file that moves to another name may have to be normalised there
                assert loose <= {path for path in scene.loose if not path.endswith(".log")}, status
            assert self.git("rev-parse", "HEAD^").decode().strip() == start, "it is not one commit"

    def unmerged(self) -> set[str]:
        entries = self.git("ls-files", "--unmerged", "-z").split(b"\0")[:-1]
        return {os.fsdecode(entry.partition(b"\t")[2]) for entry in entries}

    def content(self, path: str) -> bytes:
        file = self.top / path
        return file.read_bytes() if file.is_file() and not file.is_symlink() else b""

    def stage(self, *paths: str) -> None:
        self.git("--literal-pathspecs", "add", *self.repository.sparse, "--", *paths)

    def resolve(self, path: str) -> None:
        """Keep both sides, as a careless user would."""
        file = self.top / path
        if file.is_symlink():
            self.stage(path)
        elif not file.is_file():
            self.git("--literal-pathspecs", "rm", "--quiet", "--cached", *self.repository.sparse, "--", path)
        else:
            lines = file.read_bytes().splitlines(keepends=True)
            file.write_bytes(b"".join(line for line in lines if not ENDS.match(line)))
            self.stage(path)

    def by_steps(self, request: UpdateRequest, target: str, scene: Scene) -> None:
        """By way of all versions between or at once: the same, where neither conflicts."""
        names = self.template.names
        between = names[names.index(self.version) + 1 : names.index(target) + 1]
        if len(between) < 2 or request.data or request.on or not scene.is_told_by_lines:
            return
        at_once, end = seen(self.top), self.head()
        self.git("reset", "--quiet", "--hard", "HEAD^")
        for path in scene.loose:
            if (blob := scene.before[path]) and not blob.is_link:
                (self.top / path).write_bytes(blob.content)
        if any(self.run(UpdateRequest(to=name)).state is State.CONFLICTS for name in between):
            abort(self.top)
        else:
            oracle.same(at_once, seen(self.top))
            self.told["by steps"] += 1
        self.git("reset", "--quiet", "--hard", end)

    def again(self) -> None:
        before = self.everything()
        assert self.run(UpdateRequest(stay=True)).state is State.UNCHANGED
        assert self.run(UpdateRequest(to=self.version)).state is State.UNCHANGED
        assert self.everything() == before, "an update to the same version has written something"


@contextmanager
def begun(life: Life, folder: Path, told: Told, *, copier: bool = False) -> Iterator[Living]:
    """A project of the first version, with temporary files of its own. With `copier` that renders the others."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    with ExitStack() as patched:
        patched.enter_context(patch.object(tempfile, "tempdir", str(temporary)))
        living = Living.begun(life, folder, told)
        if not copier:
            patched.enter_context(patch.object(render, "rendered", living.template.as_copier_does))
        yield living


def live(life: Life, folder: Path, told: Told, *, copier: bool = False) -> None:
    """Raises `AssertionError` where anything that was promised does not hold."""
    with begun(life, folder, told, copier=copier) as living:
        told["lives"] += 1
        for acts in life.versions:
            told.update(f"template: {act.verb}" for act in acts)
        for turn in life.turns:
            living.turn(turn)
    left = [path.name for path in (folder / "tmp").iterdir()]
    assert not left, f"temporary files are left: {left}"
