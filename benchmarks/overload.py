"""What a printed project still serves under many times the load that fills it: `python -m benchmarks.overload PROJECT`.

As its clients see it, in two ways: 10 times the capacity over at most 1,500 kept connections, as behind a proxy, and 3
times the capacity with a fresh connection for every request. Capacity is what 64 clients get that ask again as soon as
they are answered. Goodput is per second of processor time of the serving process, which has a processor of its own
where there are two; times are those of the clock. Both need a quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .served import Process, Project, cpu_seconds, fill, running

PORT = 18083
CLIENTS = 64
WARM_UP, SECONDS, ROUNDS = 2, 4, 3
"""The first seconds, in which connections are made, do not count."""


@dataclass(frozen=True)
class Case:
    name: str
    times: int
    connections: int
    options: tuple[str, ...]
    goodput: float
    p99_ms: int


CASES = (
    Case("kept connections", 10, 1500, (), goodput=0.90, p99_ms=1000),
    Case("fresh connections", 3, 4000, ("--fresh",), goodput=0.70, p99_ms=2000),
)


@dataclass(frozen=True)
class Result:
    outcomes: dict[str, float]
    cpu_seconds: float

    @property
    def per_cpu_second(self) -> float:
        return self.outcomes.get("200", 0) / self.cpu_seconds

    @property
    def other(self) -> float:
        known = ("200", "503", "held", "p99_ms", "refused_p99_ms")
        return sum(count for outcome, count in self.outcomes.items() if outcome not in known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--path", default="/items/{id}")
    arguments = parser.parse_args()
    project = Project(arguments.project.resolve())
    its_own, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [its_own])  # with PostgreSQL, which would take the server's turn
    command = ["taskset", "--cpu-list", str(its_own), project.program(project.command), "serve"]
    with (
        project.servers() as environment,
        running(command, port=PORT, cwd=project.path, env=environment) as serving,
    ):
        path = arguments.path.replace("{id}", fill(PORT))
        load(serving, path, CLIENTS)  # warms up
        for case in CASES:
            report(serving, path, case)


def report(serving: Process, path: str, case: Case) -> None:
    """Several rounds, each with the capacity first, so that both meet the same machine. What is printed are medians."""
    full, over = [], []
    for _ in range(ROUNDS):
        full.append(load(serving, path, CLIENTS, *case.options))
        rate = case.times * full[-1].outcomes["200"] / SECONDS
        over.append(load(serving, path, case.connections, *case.options, "--rate", str(rate)))
    goodput = median(one.per_cpu_second / all_.per_cpu_second for one, all_ in zip(over, full, strict=True))
    p99 = median(one.outcomes["p99_ms"] for one in over)
    print(
        f"{case.times:2} times the capacity, {case.name:17} "
        f"goodput {goodput:4.0%} (at least {case.goodput:.0%})   p99 {p99:5.0f} ms (at most {case.p99_ms})   "
        f"200: {median(one.outcomes.get('200', 0) / SECONDS for one in over):5.0f}/s   "
        f"503: {median(one.outcomes.get('503', 0) / SECONDS for one in over):5.0f}/s   "
        f"other: {sum(one.other for one in over):.0f}   "
        f"busy {median(one.cpu_seconds / SECONDS for one in over):.0%}"
    )


def load(serving: Process, path: str, connections: int, *options: str) -> Result:
    client = [sys.executable, "-m", "benchmarks.overload_client", str(PORT), path, str(SECONDS), str(connections)]
    # PostgreSQL comes before the clients, which share its processor: in production they are elsewhere.
    command = ["nice", "-n", "10", *client, "--warm-up", str(WARM_UP), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(WARM_UP)
        before = cpu_seconds(serving)
        time.sleep(SECONDS)
        used = cpu_seconds(serving) - before
        output, _ = process.communicate()
    return Result(json.loads(output), used)


if __name__ == "__main__":
    main()
