"""Lives of projects, and ends of updates, drawn at random: batches of them, each told of by its seed."""

import multiprocessing
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from scripts.prove.place import place
from tests.update.crashing import admitted
from tests.update.property.acts import Life
from tests.update.property.lives import for_all
from tests.update.property.living import live


@dataclass
class Found:
    """What one batch has met."""

    seed: int
    told: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def updates(seed: int, cases: int) -> Found:
    """`cases` lives of projects."""
    found, numbers = Found(seed), count()
    with place() as folder:

        def lived(life: Life) -> None:
            own = folder / str(next(numbers))
            live(life, own, found.told)
            shutil.rmtree(own)

        try:
            for_all(seed, cases, lived)
        except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
            found.failures.append(traceback.format_exc())
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
            try:
                for end in ends:
                    end()
                    patient.recover(by_abort=moments.random() < 0.5)  # noqa: PLR2004 - as often as not
            except Exception:  # noqa: BLE001 - as above
                found.failures.append(traceback.format_exc())
            found.told.update(patient.told)
    return found


def _at(end: Callable[..., None], *given: object) -> Callable[[], None]:
    return lambda: end(*given)


def _run(job: tuple[str, int, int]) -> Found:
    mode, seed, size = job
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return {"updates": updates, "crashes": crashes}[mode](seed, size)


def prove(mode: str, total: int, *, batch: int, jobs: int, seed: int) -> int:
    """Share the work out, tell how it goes, and sum up."""
    batches = [(mode, seed + number, min(batch, total - done)) for number, done in enumerate(range(0, total, batch))]
    began, told, failed = time.monotonic(), Counter[str](), list[Found]()
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=20) as pool:
        for number, found in enumerate(pool.imap_unordered(_run, batches), start=1):
            told.update(found.told)
            if found.failures:
                failed.append(found)
                print("\n".join(found.failures), file=sys.stderr)
            done, minutes = sum(size for *_, size in batches[:number]), (time.monotonic() - began) / 60
            print(
                f"{done}/{total} {mode}, {len(failed)} seeds that fail, {minutes:.1f} min", file=sys.stderr, flush=True
            )
    for name, times in sorted(told.items()):
        print(f"{name:40} {times:>8}")
    print(f"{mode}: {total}, seeds {seed} to {batches[-1][1]}, {(time.monotonic() - began) / 60:.1f} min")
    print(f"failures: {len(failed)}")
    for found in failed:
        print(f"again: python -m scripts.prove {mode} --seed {found.seed} --{_UNITS[mode]} {batch}")
    return 1 if failed else 0


_UNITS = {"updates": "cases", "crashes": "kills"}
