"""What a printed project still serves under ten times the load that fills it: `python -m benchmarks.overload PROJECT`.

Needs wrk. Capacity is what is served with as many clients as a process takes on at once, each asking again as soon as
it is answered. The overload is of several times as many, and nothing but processor time bounds the work. Both are per
second of processor time of the serving process, which has a processor of its own where there are two.
"""

import argparse
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .served import Process, Project, cpu_seconds, fill, running

PORT = 18083
FULL = (64, None)
RAMP, SECONDS, ROUNDS = 2, 2, 5
"""The connections are made first, which does not count."""

CASES: tuple[tuple[int, int | None], ...] = ((160, None), (640, None), (640, 1000), (1280, None))
"""Clients, and how many ms they pause after a refusal: never, or as `Retry-After` says."""


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
        load(serving, path, *FULL)  # warms up
        report(serving, path)


def report(serving: Process, path: str) -> None:
    """Several rounds, each with the capacity first, so that both meet the same machine. What is printed are medians."""
    results: dict[tuple[int, int | None], list[Result]] = {case: [] for case in (FULL, *CASES)}
    for _ in range(ROUNDS):
        for case, of_case in results.items():
            of_case.append(load(serving, path, *case))
    for (clients, pause), of_case in results.items():
        goodput = median(one.goodput / full.goodput for one, full in zip(of_case, results[FULL], strict=True))
        pausing = "never pause" if pause is None else f"pause {pause} ms"
        print(
            f"{clients:4} clients, {pausing:13} "
            f"served {median(one.served / one.elapsed for one in of_case):6.0f}/s {goodput:5.0%} of capacity   "
            f"shed {median(one.shed / one.elapsed for one in of_case):6.0f}/s   "
            f"other {sum(one.other + one.failed for one in of_case)}   "
            f"p99 of served {median(one.p99_us / 1000 for one in of_case):4.0f} ms   "
            f"busy {median(one.cpu_seconds / one.elapsed for one in of_case):.0%}"
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
