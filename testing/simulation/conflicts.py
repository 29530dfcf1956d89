"""Conflicts of an update: the user's work before `--abort` or `--continue`, and the result."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copperplate.commands.update import UpdateRequest, abort, resume
from copperplate.errors import CopperplateError, ExitCode
from copperplate.progress import Silent
from copperplate.update.result import Options, State, UpdateResult
from testing.simulation import oracle
from testing.simulation.actions import Act, Turn
from testing.simulation.oracle import Scene
from testing.simulation.resolving import Resolving
from testing.simulation.snapshots import Everything, seen

if TYPE_CHECKING:
    from testing.simulation.simulation import Living

ENDS = re.compile(rb"(<{7,} ours/your-project|={7,}|>{7,} theirs/template-)")
"""Of a conflict, as git writes them."""
_MARKS = re.compile(rb"^(<{7,} ours/your-project|>{7,} theirs/template-)", re.MULTILINE)
"""Those that nobody but git writes."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    living: "Living"
    request: UpdateRequest
    scene: Scene
    before: "Everything"
    first: UpdateResult
    """Result of the update that left them."""

    def live(self, turn: Turn) -> None:
        """Take the update back; again after other work; then `--continue` after other work; at last resolve it."""
        living, before = self.living, self.before
        abort(living.top)
        oracle.restored(before, living.everything())
        living.told["aborts"] += 1
        if turn.meanwhile:
            with self.taken_back():
                living.run(self.request)
                self.aborted(before, self.meanwhile(turn.meanwhile, before))
            with self.taken_back():
                before = living.everything()  # git has looked at its files anew
                living.run(self.request)
                self.continued(before, self.meanwhile(turn.meanwhile, before, resolve=True))
        if not turn.resolve:
            return
        assert living.run(self.request).report == self.first.report
        self.with_the_other_project()
        self.continued_too_early()
        for path in self.living.unmerged():
            self.living.resolve(path)
        result = resume(self.living.top, options=Options(verify=False), progress=Silent())
        assert result.state is State.LANDED
        oracle.resolved(self.scene, living.view())
        self.living.told["resolved"] += 1

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Afterwards, all that was done is as if it had never been."""
        kept = self.living.repository.top.with_name("kept")
        pairs = [
            (path, kept / name)
            for name in ("main", self.living.repository.top.name)
            if (path := kept.with_name(name)).exists()
        ]
        for path, copy in pairs:
            shutil.copytree(path, copy, symlinks=True)
        yield
        for path, copy in pairs:
            shutil.rmtree(path)
            copy.rename(path)
        kept.rmdir()
        self.living.git("update-index", "-q", "--refresh")

    def meanwhile(self, acts: tuple[Act, ...], before: "Everything", *, resolve: bool = False) -> Resolving:
        outside = self.living.repository.top.with_name("outside")
        outside.mkdir(exist_ok=True)
        if resolve:
            for path in self.living.unmerged():
                self.living.resolve(path)
        prefix = self.living.repository.prefix
        files = {path.removeprefix(prefix): blob for path, blob in before.files.items() if path.startswith(prefix)}
        user = Resolving(self.living.repository, self.living.hands.lines, files, outside)
        for act in acts:
            user.do(act)
            self.living.told[f"while conflicts wait: {act.verb}"] += 1
        return user

    def aborted(self, before: "Everything", user: Resolving) -> None:
        """Twice: the second one has nothing to do."""
        outside, kept = seen(user.outside), abort(self.living.top).kept
        after = self.living.everything()
        oracle.aborted(before, after, user, self.living.repository.prefix, kept)
        assert seen(user.outside) == outside, "a file outside of the project is another"
        assert self.refusal(lambda: abort(self.living.top)), "the second --abort has done something"
        assert self.living.everything() == after, "the second --abort has changed something"
        self.living.told["aborts after other work"] += 1

    def continued(self, before: "Everything", user: Resolving) -> None:
        now, outside = self.living.everything(), seen(user.outside)
        refused = self.refusal(lambda: resume(self.living.top, options=Options(verify=False), progress=Silent()))
        after = self.living.everything()
        assert seen(user.outside) == outside, "a file outside of the project is another"
        if refused:
            assert after == now, f"refused, and yet something is another: {refused}"
            self.aborted(before, user)
            self.living.told["continue refused after other work"] += 1
        else:
            oracle.same(now.files, after.files)
            self.living.told["continued after other work"] += 1

    def continued_too_early(self) -> None:
        """With marks of conflicts, whether or not these have been staged."""
        marked = [path for path in self.living.unmerged() if _MARKS.search(self.living.content(path))]
        for stage in (False, True):
            if stage and marked:
                self.living.stage(*marked)
            if marked or not stage:
                before = self.living.everything()
                assert self.refusal(
                    lambda: resume(self.living.top, options=Options(verify=False), progress=Silent())
                ), f"continued though marks of conflicts are left in {marked}"
                assert self.living.everything() == before, "a refused --continue has written something"
        for path in marked:
            self.living.resolve(path)

    def with_the_other_project(self) -> None:
        """`--continue` and `--abort` are given for another project of the repository."""
        if (other := self.living.repository.other) is None:
            return
        before = self.living.everything()
        for action in (
            lambda: resume(other, options=Options(verify=False), progress=Silent()),
            lambda: abort(other),
        ):
            assert self.refusal(action), "the update of one project has been finished or taken back for another one"
            assert self.living.everything() == before
        self.living.told["other projects"] += 1

    @staticmethod
    def refusal(action: Callable[[], object]) -> str:
        """Return the error; empty if there was none."""
        try:
            action()
        except CopperplateError as refused:
            if refused.exit_code not in {ExitCode.REFUSED, ExitCode.CONFLICTS}:
                raise
            return refused.what
        return ""
