"""Random histories of projects and random ends of updates, in batches; each batch is repeated by its seed."""

import multiprocessing
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from testing.crashes.crashes import ENDING, Crashes
from testing.crashes.subjects import PHASES, NotPossibleError, Subject, prepared
from testing.crashes.writers import VERBS, Writers
from testing.place import place
from testing.simulation.actions import Act, Life
from testing.simulation.simulation import live
from testing.simulation.strategies import KINDS, for_all

_KIND_NAMES = tuple(KINDS)
_KILLS = 8
"""Attempts for each command, at random writes."""


@dataclass(frozen=True, slots=True)
class Asked:
    mode: str
    total: int
    batch: int
    jobs: int
    seed: int
    """Seed of the first batch."""
    shrink: bool = False


@dataclass
class Found:
    """Result of one batch."""

    seed: int
    told: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def noting(self, about: str = "") -> Iterator[None]:
        """Continue after an error, which is reported at the end and fails the run."""
        try:
            yield
        except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
            self.failures.append(f"{traceback.format_exc()}{about}")


def updates(seed: int, cases: int, *, shrink: bool = False) -> Found:
    """Run `cases` histories, also after failures.

    With `shrink`, the first failure is reduced, which takes minutes, and ends the batch.
    """
    found, numbers = Found(seed), count()
    with place() as folder:

        def lived(life: Life) -> None:
            own = folder / str(next(numbers))
            with nullcontext() if shrink else found.noting(f"{life}\n"):
                try:
                    live(life, own, found.told)
                finally:
                    shutil.rmtree(own, ignore_errors=True)

        with found.noting():
            for_all(seed, cases, lived, kind=_KIND_NAMES[seed % len(_KIND_NAMES)], shrink=shrink)
    return found


def crashes(seed: int, kills: int) -> Found:
    """End `kills` commands of random projects: by kills, by signals, on full disks."""
    moments = random.Random(seed)  # noqa: S311 - no secret

    def end(found: Found, subject: Subject) -> int:
        ends = Crashes(subject, found.told)
        by_abort = moments.random() < 0.5  # noqa: PLR2004 - as often as not
        writes = [moments.randint(1, subject.writes) for _ in range(_KILLS)]
        acts: list[Callable[[], None]] = [
            *(partial(ends.killed_at, write, by_abort=by_abort) for write in writes),
            partial(ends.killed_after, moments.uniform(0, subject.seconds), by_abort=by_abort),
            partial(ends.starved_at, moments.randint(1, subject.writes), by_abort=not by_abort),
            *(partial(ends.signalled_at, moments.randint(1, subject.events), number) for number in ENDING),
            partial(ends.signalled_after, moments.uniform(0, subject.seconds), moments.choice(ENDING)),
        ]
        return _each(found, subject, acts)

    return _subjects(seed, kills, end)


def writers(seed: int, times: int) -> Found:
    """Let another process write into a project at `times` moments of a command."""
    moments = random.Random(seed)  # noqa: S311 - no secret

    def write(found: Found, subject: Subject) -> int:
        others = Writers(subject, found.told)
        acts = [
            Act(verb, file=moments.randrange(12), line=moments.randrange(9), other=moments.randrange(5))
            for verb in moments.sample(VERBS, len(VERBS))
        ]
        written: list[Callable[[], None]] = [
            partial(others.written_at, moments.randint(1, subject.events), act) for act in acts
        ]
        return _each(found, subject, written)

    return _subjects(seed, times, write)


def _subjects(seed: int, times: int, act: Callable[[Found, Subject], int]) -> Found:
    """Draw projects and commands until `act`, which returns the number of its attempts, has made enough."""
    found, numbers = Found(seed), count()
    done = 0
    with place() as folder:

        def lived(life: Life) -> None:
            nonlocal done
            number = next(numbers)
            if done >= times or number == 0:  # the first drawn history is always the simplest
                return
            own = folder / str(number)
            with found.noting(f"{life}\n"):
                try:
                    with suppress(NotPossibleError), prepared(life, own, Counter(), PHASES[number % 3]) as subject:
                        done += act(found, subject)
                finally:
                    shutil.rmtree(own, ignore_errors=True)

        with found.noting():
            for_all(seed, 3 * times, lived, kind="everything", shrink=False)
    return found


def _each(found: Found, subject: Subject, acts: Sequence[Callable[[], None]]) -> int:
    for act in acts:
        with found.noting(f"{subject.life}\n{subject.command}\n"):
            try:
                act()
            except BaseException:
                subject.reset()
                raise
    return len(acts)


def _run(job: tuple[str, int, int, bool]) -> Found:
    mode, seed, size, shrink = job
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if mode == "updates":
        return updates(seed, size, shrink=shrink)
    return {"crashes": crashes, "writers": writers}[mode](seed, size)


def prove(asked: Asked) -> int:
    """Distribute the work, show the progress, and print a summary."""
    mode, total = asked.mode, asked.total
    sizes = [min(asked.batch, total - done) for done in range(0, total, asked.batch)]
    batches = [(mode, asked.seed + number, size, asked.shrink) for number, size in enumerate(sizes)]
    began, told, failed = time.monotonic(), Counter[str](), list[Found]()
    with multiprocessing.get_context("spawn").Pool(asked.jobs, maxtasksperchild=20) as pool:
        for number, found in enumerate(pool.imap_unordered(_run, batches), start=1):
            told.update(found.told)
            if found.failures:
                failed.append(found)
                print("\n".join([_again(asked, found), *found.failures]), file=sys.stderr)
            done, minutes = sum(sizes[:number]), (time.monotonic() - began) / 60
            print(
                f"{done}/{total} {mode}, {len(failed)} seeds that fail, {minutes:.1f} min", file=sys.stderr, flush=True
            )
    for name, times in sorted(told.items()):
        print(f"{name:40} {times:>8}")
    print(f"{mode}: {total}, seeds {asked.seed} to {batches[-1][1]}, {(time.monotonic() - began) / 60:.1f} min")
    print(f"failures: {len(failed)}")
    for found in failed:
        print(_again(asked, found))
    return 1 if failed else 0


def _again(asked: Asked, found: Found) -> str:
    size = {
        "updates": f"--cases {asked.batch} --shrink",
        "crashes": f"--kills {asked.batch}",
        "writers": f"--times {asked.batch}",
    }[asked.mode]
    return f"Run it again: uv run python -m scripts.soak {asked.mode} --seed {found.seed} {size}"
