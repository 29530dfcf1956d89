"""Lives of projects, and ends of updates, drawn at random: batches of them, each told of by its seed."""

import multiprocessing
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count

from scripts.prove.place import place
from tests.update.crashing import admitted
from tests.update.property.acts import Life
from tests.update.property.lives import for_all
from tests.update.property.living import live


@dataclass(frozen=True, slots=True)
class Asked:
    mode: str
    total: int
    batch: int
    jobs: int
    seed: int
    """Of the first batch."""
    shrink: bool = False


@dataclass
class Found:
    """What one batch has met."""

    seed: int
    told: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def noting(self, about: str = "") -> Iterator[None]:
        """Go on after an error, which is told in the end and makes the proof fail."""
        try:
            yield
        except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
            self.failures.append(f"{traceback.format_exc()}{about}")


def updates(seed: int, cases: int, *, shrink: bool = False) -> Found:
    """`cases` lives of projects, whatever fails; to `shrink` the first that fails takes minutes, and ends the batch."""
    found, numbers = Found(seed), count()
    with place() as folder:

        def lived(life: Life) -> None:
            own = folder / str(next(numbers))
            with nullcontext() if shrink else found.noting(f"{life}\n"):
                try:
                    live(life, own, found.told)
                finally:
                    shutil.rmtree(own)

        with found.noting():
            for_all(seed, cases, lived)
    return found


def crashes(seed: int, kills: int) -> Found:
    """`kills` ends of updates at moments of which nobody knows, and, once a batch, at every write."""
    found, moments = Found(seed), random.Random(seed)  # noqa: S311 - no secret
    for conflicts in (False, True):
        with place() as folder, admitted(folder / "patient", conflicts=conflicts) as patient:
            ends: list[Callable[[], None]] = [
                *(_at(patient.killed_at, write) for write in range(1, patient.writes + 1)),
                *(_at(patient.starved_at, write) for write in range(1, patient.writes + 1)),
                *(_at(patient.killed_after, moments.uniform(0, patient.seconds)) for _ in range(kills // 2)),
                *(
                    _at(patient.signalled_after, moments.uniform(0, patient.seconds), number)
                    for number in (signal.SIGINT, signal.SIGTERM)
                    for _ in range(kills // 8)
                ),
            ]
            with found.noting():
                for end in ends:
                    end()
                    patient.recover(by_abort=moments.random() < 0.5)  # noqa: PLR2004 - as often as not
            found.told.update(patient.told)
    return found


def _at(end: Callable[..., None], *given: object) -> Callable[[], None]:
    return lambda: end(*given)


def _run(job: tuple[str, int, int, bool]) -> Found:
    mode, seed, size, shrink = job
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return updates(seed, size, shrink=shrink) if mode == "updates" else crashes(seed, size)


def prove(asked: Asked) -> int:
    """Share the work out, tell how it goes, and sum up."""
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
    size = {"updates": f"--cases {asked.batch} --shrink", "crashes": f"--kills {asked.batch}"}[asked.mode]
    return f"Run it again: uv run python -m scripts.prove {asked.mode} --seed {found.seed} {size}"
