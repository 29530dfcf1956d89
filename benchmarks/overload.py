"""What a printed project still serves under ten times the load that fills it: `python -m benchmarks.overload PROJECT`.

Needs wrk. Capacity is what is served with as many clients as a process takes on at once, each asking again as soon as
it is answered. The overload is of several times as many, and nothing but processor time bounds the work. Both are per
second of processor time of the serving process, so a busy machine disturbs little.
"""

import argparse
import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .served import Process, Project, cpu_seconds, fill, running

PORT = 18083
IN_FLIGHT = 64
RAMP, SECONDS = 3, 5
"""The connections are made first, which does not count."""

CASES: tuple[tuple[int, int | None], ...] = ((160, None), (640, None), (640, 10))
"""Clients, and how many ms they pause after a refusal: never, little, or as `Retry-After` says."""


@dataclass(frozen=True)
class Result:
    served: int
    shed: int
    other: int
    failed: int
    p99_us: int
    cpu_seconds: float
    elapsed: int

    @property
    def goodput(self) -> float:
        return self.served / self.cpu_seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--path", default="/items/{id}")
    arguments = parser.parse_args()
    project = Project(arguments.project.resolve())
    its_own, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [its_own])  # with wrk and PostgreSQL, which would take the server's turn
    command = ["taskset", "--cpu-list", str(its_own), project.program(project.command), "serve"]
    with (
        project.servers() as environment,
        running(command, port=PORT, cwd=project.path, env=environment) as serving,
    ):
        path = arguments.path.replace("{id}", fill(PORT))
        load(serving, path, IN_FLIGHT, None)  # warms up
        report(serving, path, [(IN_FLIGHT, None), *CASES])


def report(serving: Process, path: str, cases: Iterable[tuple[int, int | None]]) -> None:
    capacity = 0.0
    for clients, pause in cases:
        result = load(serving, path, clients, pause)
        capacity = capacity or result.goodput
        pausing = "never pause" if pause is None else f"pause {pause} ms"
        print(
            f"{clients:4} clients, {pausing:13} "
            f"served {result.served / result.elapsed:6.0f}/s {result.goodput / capacity:5.0%} of capacity   "
            f"shed {result.shed / result.elapsed:6.0f}/s   other {result.other + result.failed}   "
            f"p99 of served {result.p99_us / 1000:4.0f} ms   busy {result.cpu_seconds / result.elapsed:.0%}",
            flush=True,
        )


def load(serving: Process, path: str, clients: int, pause: int | None) -> Result:
    script = str(Path(__file__).with_suffix(".lua"))
    wrk = ["wrk", "-t1", f"-c{clients}", f"-d{RAMP + SECONDS}s", "-s", script, f"http://127.0.0.1:{PORT}{path}"]
    pausing = [] if pause is None else [str(pause)]
    with subprocess.Popen([*wrk, "--", str(RAMP), *pausing], stdout=subprocess.PIPE, text=True) as process:
        time.sleep(RAMP)
        before = cpu_seconds(serving)
        output, _ = process.communicate()
    (line,) = (line for line in output.splitlines() if line.startswith("RESULT "))
    served, shed, other, failed, p99 = map(int, line.split()[1:])
    return Result(served, shed, other, failed, p99, cpu_seconds(serving) - before, SECONDS)


if __name__ == "__main__":
    main()
