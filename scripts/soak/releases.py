"""Updates from every release to the newest one, with all checks of `copperplate verify` on the result.

An untouched project must become the same as a new one, with its lock; each such result is verified once. A changed
project is verified by the update itself, or by `--continue` after conflicts.
"""

import hashlib
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from copperplate.commands.update import UpdateRequest, resume, update
from copperplate.commands.verify import verify
from copperplate.progress import Silent
from copperplate.questions.manifest import Value
from copperplate.system import signals
from copperplate.templates import bundled
from copperplate.update.result import Options, State
from copperplate.verify.results import Reports, VerifyResult
from testing import projects
from testing.place import place
from testing.snapshots import snapshot

NEWEST = bundled.newest().version


@dataclass
class Prover:
    verified: set[str] = field(default_factory=set)
    """Hashes of whole projects that were verified before."""

    def untouched(self, version: str, answers: dict[str, Value], folder: Path) -> str:
        project, fresh = folder / "shop", folder / "fresh" / "shop"
        projects.printed(project, version, answers)
        signals.heed(done=None)
        result = update(project, UpdateRequest(), options=Options(verify=False), progress=Silent())
        signals.heed(done=None)  # this program continues
        _expect(result.state is State.LANDED, f"it has not landed: {result.state}")
        fresh.parent.mkdir()
        projects.printed(fresh, NEWEST, answers)
        signals.heed(done=None)
        found, expected = snapshot(project), snapshot(fresh)
        differing = sorted(path for path in {*found, *expected} if found.get(path) != expected.get(path))
        _expect(not differing, f"it is not what a fresh one is: {differing}")
        digest = hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()
        if digest not in self.verified:
            _expect_passed(verify(project, progress=Silent(), reports=Reports(None, None)))
            self.verified.add(digest)
            return "as a fresh one, verified"
        return "as a fresh one, verified before"

    def worked_on(self, version: str, folder: Path) -> str:
        project = folder / "shop"
        projects.printed(project, version, {"example": True})
        signals.heed(done=None)
        projects.worked_on(project)
        result = update(project, UpdateRequest(), options=Options(), progress=Silent())
        signals.heed(done=None)
        said = "nothing lost, verified"
        if result.state is State.CONFLICTS:
            projects.resolved(project)
            result = resume(project, options=Options(), progress=Silent())
            signals.heed(done=None)
            said += ", a conflict resolved"
        _expect(result.verified is not None, "it was not verified")
        if result.verified:
            _expect_passed(result.verified)
        _expect(result.state is State.LANDED, f"it has not landed: {result.state}")
        _expect(not projects.lost(project), f"lost: {projects.lost(project)}")
        return said


def prove(versions: Sequence[str]) -> int:
    prover, began = Prover(), time.monotonic()
    older = versions or [version for version in bundled.released() if version != NEWEST]
    failures = 0
    for version in older:
        suggested: dict[str, Value] = {"project_name": "Shop"}
        for name, act in (
            ("untouched, as suggested", partial(prover.untouched, version, suggested)),
            ("untouched, everything on", partial(prover.untouched, version, projects.everything(version))),
            ("worked on", partial(prover.worked_on, version)),
        ):
            failures += not _holds(f"{version}, {name}", act)
    print(f"releases: {', '.join(older)} to {NEWEST}, {(time.monotonic() - began) / 60:.1f} min")
    print(f"failures: {failures}")
    return 1 if failures else 0


def _holds(name: str, act: Callable[[Path], str]) -> bool:
    began, said = time.monotonic(), "FAILED"
    with place(in_memory=False) as folder:
        try:
            said = act(folder)
        except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
            traceback.print_exc()
    print(f"{name:32} {said:44} {time.monotonic() - began:6.0f} s", flush=True)
    return said != "FAILED"


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _expect_passed(verified: VerifyResult) -> None:
    """Every check has to pass; a project without accounts has no isolation to check."""
    needless = ("isolation", "skipped")
    wrong = [level for level in verified.levels if level.status != "passed" and (level.name, level.status) != needless]
    failed = [f"{level.name}:\n{level.tail}" for level in wrong]
    _expect(not failed, "\n".join(failed))
