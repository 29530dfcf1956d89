"""Start-up time of `copperplate --help` and of `copier --help` in the same environment: `python -m benchmarks.startup`.

With the path of a project, `copperplate status` against a bare `import copier`.
Wall and CPU time of cold processes, byte code compiled, in milliseconds: median and range of many alternating runs.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

_RUNS = 15


def measured(command: list[str]) -> tuple[float, float]:
    """Return the wall and CPU seconds of one run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
    wall = time.perf_counter() - start
    if done.returncode > 1:  # `status` ends with 1 for an outdated project
        done.check_returncode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(taken: dict[str, list[tuple[float, float]]]) -> None:
    """Print medians, ranges, and the ratio of the first to the second."""
    for index, kind in enumerate(("wall", "CPU")):
        medians = {}
        for name, runs in taken.items():
            times = [run[index] * 1000 for run in runs]
            medians[name] = statistics.median(times)
            print(f"{kind:<5}{name:<12}{medians[name]:7.0f} ms   {min(times):.0f} to {max(times):.0f}")
        print(f"{kind:<5}{'ratio':<12}{medians['copperplate'] / medians['copier']:7.2f}")


def main() -> None:
    ours, theirs = (str(Path(sys.executable).with_name(name)) for name in ("copperplate", "copier"))
    if len(sys.argv) > 1:
        programs = {"copperplate": [ours, "status", sys.argv[1]], "copier": [sys.executable, "-c", "import copier"]}
    else:
        programs = {"copperplate": [ours, "--help"], "copier": [theirs, "--help"]}
    for command in programs.values():
        measured(command)  # compiles
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(_RUNS):
        for name, command in programs.items():
            taken[name].append(measured(command))
    show(taken)


if __name__ == "__main__":
    main()
