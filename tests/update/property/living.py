"""Lives one life of a project, and looks at everything after each step."""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from copperplate import template
from copperplate.answers import Answers
from copperplate.commands.update import abort, resume, update
from copperplate.errors import RefusedError
from copperplate.history import Release
from copperplate.progress import Silent
from copperplate.updating import renderings
from copperplate.updating.merge import OURS
from copperplate.updating.results import Options, State, UpdateResult
from copperplate.updating.start import Wish
from copperplate.updating.versions import Releases
from tests.update.property import oracle
from tests.update.property.acts import Act, Life, Turn, picked
from tests.update.property.evolving import FIRST_WITH_MORE, SOURCE, Evolving
from tests.update.property.hands import IGNORED, Hands
from tests.update.property.oracle import Scene
from tests.update.property.seeing import Blob, Files, as_seen, seen

Told = Counter[str]


@dataclass(frozen=True, slots=True)
class Everything:
    """All that may not change by accident."""

    files: Files
    git: Mapping[str, Blob]
    """git's own files: references, index, objects, settings."""


@dataclass
class Living:
    top: Path
    template: Evolving
    hands: Hands
    told: Told
    version: str = "1.0"
    answers: dict[str, object] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)

    @classmethod
    def begun(cls, life: Life, folder: Path, told: Told) -> "Living":
        evolving = Evolving.of(life.versions)
        top = folder / "repository"
        top.mkdir()
        living = cls(top, evolving, Hands(top), told)
        living.releases = {name: evolving.release(name) for name in evolving.names}
        living.git("init", "--quiet", "--template=")
        (top / ".git" / "info").mkdir()
        (top / ".git" / "info" / "exclude").write_text(f"{IGNORED}\n")
        with template.of_release(living.releases["1.0"], SOURCE, inside=folder) as opened:
            living.answers = dict(Answers.from_data({"project_name": "Shop"}, opened.manifest).data())
        evolving.render(top, top, living.answers, version="1.0", source=SOURCE)
        living.commit()
        return living

    def git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=self.top, capture_output=True, check=True).stdout  # noqa: S607

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=work")
        self.hands.loose = {path for path in self.hands.loose if path.endswith(".log")}

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").decode().strip()

    def everything(self) -> Everything:
        return Everything(seen(self.top), seen(self.top / ".git"))

    def run(self, wish: Wish, *, dry: bool = False) -> UpdateResult:
        options = Options(verify=False, dry_run=dry)
        releases = Releases(SOURCE, self.releases)
        return update(self.top, wish, releases=releases, options=options, progress=Silent())

    def turn(self, turn: Turn) -> None:
        self.hands.coming = {
            path
            for name in self.template.names
            for path in self.template.rendered(name, {**self.answers, "extra": True})
        }
        self.act(turn.work)
        self.commit()
        ours = {path: blob for path, blob in seen(self.top).items() if path not in self.hands.loose}
        self.act(turn.loose)
        wish, target, answers = self.wished(turn.wish)
        before = self.everything()
        scene = Scene(
            base=as_seen(self.template.rendered(self.version, self.answers)),
            ours=ours,
            theirs=as_seen(self.template.rendered(target, answers)),
            loose=frozenset(self.hands.loose),
            before=before.files,
        )
        preview = self.looked(wish, before) if turn.dry else None
        try:
            result = self.run(wish)
        except RefusedError as refused:
            self.refused(refused, scene, before)
            self.commit()
            self.turn(Turn(work=(), loose=(), wish=turn.wish, dry=turn.dry, steps=turn.steps, resolve=turn.resolve))
            return
        self.told[f"ended: {result.state}"] += 1
        if preview is not None and result.state is not State.UNCHANGED:
            assert preview.report == result.report
        self.check(scene, result, before)
        if result.state is State.CONFLICTS:
            self.conflicted(wish, scene, before, result, resolve=turn.resolve)
        elif result.state is State.LANDED and turn.steps:
            self.by_steps(wish, target, scene)
        if result.state is not State.CONFLICTS or turn.resolve:
            self.version, self.answers = target, answers
            self.again()

    def act(self, acts: tuple[Act, ...]) -> None:
        for act in acts:
            self.hands.do(act)
            self.told[f"user: {act.verb}"] += 1

    def wished(self, act: Act) -> tuple[Wish, str, dict[str, object]]:
        """What to ask for, the version that it leads to, and the answers."""
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
        self.told[f"wish: {verb}"] += 1
        stay = target == self.version
        data = tuple(f"{name}={value}" for name, value in chosen.items())
        return Wish(to=None if stay else target, stay=stay, on=on, off=off, data=data), target, answers

    def looked(self, wish: Wish, before: Everything) -> UpdateResult | None:
        try:
            preview = self.run(wish, dry=True)
        except RefusedError:
            preview = None
        assert self.everything() == before, "a dry run has written something"
        self.told["dry runs"] += 1
        return preview

    def refused(self, refused: RefusedError, scene: Scene, before: Everything) -> None:
        assert self.everything() == before, "a refused update has written something"
        assert "in the way" in refused.what, refused.what
        assert scene.loose, f"there was nothing in the way: {refused.what}"
        self.told["refused"] += 1

    def check(self, scene: Scene, result: UpdateResult, before: Everything) -> None:
        after = self.everything()
        if result.state is State.UNCHANGED:
            assert after == before, "nothing was to do, yet something was written"
            assert {**scene.base} == {**scene.theirs}
            return
        self.told["conflicts"] += len(result.report.conflicts)
        oracle.check(scene, result, after.files, self.unmerged())
        status = os.fsdecode(self.git("status", "--porcelain", "-z", "--untracked-files=all"))
        if result.state is State.LANDED:
            loose = {entry[3:] for entry in status.split("\0") if entry}
            assert loose <= {path for path in scene.loose if not path.endswith(".log")}, status
            assert self.git("rev-parse", "HEAD^") == before_head(before), "it is not one commit"

    def unmerged(self) -> set[str]:
        entries = self.git("ls-files", "--unmerged", "-z").split(b"\0")[:-1]
        return {os.fsdecode(entry.partition(b"\t")[2]) for entry in entries}

    def conflicted(self, wish: Wish, scene: Scene, before: Everything, first: UpdateResult, *, resolve: bool) -> None:
        abort(self.top)
        oracle.restored(before, self.everything())
        self.told["aborts"] += 1
        if not resolve:
            return
        assert self.run(wish).report == first.report
        for path in self.unmerged():
            self.resolve(path)
        result = resume(self.top, options=Options(verify=False), progress=Silent())
        assert result.state is State.LANDED
        oracle.resolved(scene, seen(self.top))
        self.told["resolved"] += 1

    def resolve(self, path: str) -> None:
        """Keep both sides, as a careless user would."""
        file = self.top / path
        if file.is_symlink() or not file.is_file():
            verb = ("add", "--", path) if file.is_symlink() else ("rm", "--quiet", "--cached", "--", path)
            self.git("--literal-pathspecs", *verb)
            return
        ends = (f"<<<<<<< {OURS}".encode(), b"=======", b">>>>>>> theirs/template-")
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(line for line in lines if not line.startswith(ends)))
        self.git("--literal-pathspecs", "add", "--", path)

    def by_steps(self, wish: Wish, target: str, scene: Scene) -> None:
        """By way of all versions between or at once: the same, where neither conflicts."""
        names = self.template.names
        between = names[names.index(self.version) + 1 : names.index(target) + 1]
        if len(between) < 2 or wish.data or wish.on or not scene.is_told_by_lines:
            return
        at_once, end = seen(self.top), self.head()
        self.git("reset", "--quiet", "--hard", "HEAD^")
        for path in scene.loose:
            if (blob := scene.before[path]) and not blob.is_link:
                (self.top / path).write_bytes(blob.content)
        states = [self.run(Wish(to=name)).state for name in between]
        if State.CONFLICTS in states:
            abort(self.top)
        else:
            oracle.same(at_once, seen(self.top))
            self.told["by steps"] += 1
        self.git("reset", "--quiet", "--hard", end)

    def again(self) -> None:
        before = self.everything()
        assert self.run(Wish(stay=True)).state is State.UNCHANGED
        assert self.run(Wish(to=self.version)).state is State.UNCHANGED
        assert self.everything() == before, "an update to the same version has written something"


def before_head(before: Everything) -> bytes:
    head = before.git["HEAD"].content.removeprefix(b"ref: ").strip()
    return before.git[os.fsdecode(head)].content


@contextmanager
def begun(life: Life, folder: Path, told: Told, *, copier: bool = False) -> Iterator[Living]:
    """A project of the first version, with temporary files of its own. With `copier` that renders the others."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    with ExitStack() as patched:
        patched.enter_context(patch.object(tempfile, "tempdir", str(temporary)))
        living = Living.begun(life, folder, told)
        if not copier:
            patched.enter_context(patch.object(renderings, "render", living.template.render))
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
