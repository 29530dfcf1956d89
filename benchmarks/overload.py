"""Overload of a generated project: the requests that it still serves. `python -m benchmarks.overload PROJECT`.

It is measured at the client, in two ways: 10 times the capacity over at most 1,500 kept connections, as behind a proxy,
and 3 times the capacity with a new connection for every request. The capacity is the rate of 64 clients that send the
next request after each response. Goodput is per second of processor time of the serving process, which has its own
processor if there are two; latencies are in wall time. Both need a quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.served import Process, Project, cpu_seconds, fill, running

PORT = 18083
CLIENTS = 64
WARM_UP, SECONDS, ROUNDS = 2, 4, 3
"""Warm-up in seconds, in which the connections are made; it does not count."""


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


@dataclass(frozen=True)
class Measured:
    """Medians of several rounds."""

    case: Case
    goodput: float
    p99_ms: float
    answered: float
    refused: float
    other: float
    busy: float

    @property
    def met(self) -> bool:
        return self.goodput >= self.case.goodput and self.p99_ms <= self.case.p99_ms and not self.other

    def __str__(self) -> str:
        return (
            f"goodput {self.goodput:4.0%} (at least {self.case.goodput:.0%})   "
            f"p99 {self.p99_ms:5.0f} ms (at most {self.case.p99_ms})   "
            f"200: {self.answered:5.0f}/s   503: {self.refused:5.0f}/s   other: {self.other:.0f}   busy {self.busy:.0%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--path", default="/items/{id}")
    arguments = parser.parse_args()
    for measured in measure(Project(arguments.project.resolve()), arguments.path, CASES):
        print(f"{measured.case.times:2} times the capacity, {measured.case.name:17} {measured}", flush=True)


def measure(project: Project, path: str, cases: Sequence[Case]) -> Iterator[Measured]:
    processors = os.sched_getaffinity(0)
    its_own, *others = sorted(processors)
    os.sched_setaffinity(0, others or [its_own])  # on the processor of PostgreSQL, so that the server keeps its own
    command = ["taskset", "--cpu-list", str(its_own), project.program(project.command), "serve"]
    try:
        with (
            project.servers() as environment,
            running(command, port=PORT, cwd=project.path, env=environment) as serving,
        ):
            path = path.replace("{id}", fill(PORT))
            load(serving, path, CLIENTS)  # warms up
            for case in cases:
                yield measure_case(serving, path, case)
    finally:
        os.sched_setaffinity(0, processors)


def measure_case(serving: Process, path: str, case: Case) -> Measured:
    """Measure several rounds, each with the capacity first, so that both have the same conditions."""
    full, over = [], []
    for _ in range(ROUNDS):
        full.append(load(serving, path, CLIENTS, *case.options))
        rate = case.times * full[-1].outcomes["200"] / SECONDS
        over.append(load(serving, path, case.connections, *case.options, "--rate", str(rate)))
    return Measured(
        case,
        goodput=median(one.per_cpu_second / all_.per_cpu_second for one, all_ in zip(over, full, strict=True)),
        p99_ms=median(one.outcomes["p99_ms"] for one in over),
        answered=median(one.outcomes.get("200", 0) / SECONDS for one in over),
        refused=median(one.outcomes.get("503", 0) / SECONDS for one in over),
        other=sum(one.other for one in over),
        busy=median(one.cpu_seconds / SECONDS for one in over),
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
