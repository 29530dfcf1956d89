"""Background jobs in faults, and their cost, in a generated project with the option `jobs` on its own servers.

    uv run python -m benchmarks.jobs PROJECT [--only ROW ...] [--seconds 600]

Prints a table in Markdown. Its exit code is 1 if a target is missed. Times need a quiet machine. The rows are in
`inside.py`, which the project's own Python runs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.served import Project

ROOT = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help="rows to measure; others are left out")
    parser.add_argument("--seconds", default="60", help="duration of the row with a cron job of each second")
    arguments = parser.parse_args()
    project = Project(arguments.project.resolve())
    # Workers write their logs to the folder of the benchmark, where no `.env` of the project is read.
    with tempfile.TemporaryDirectory() as folder, project.servers() as servers:
        environment = {
            **servers,
            "PACKAGE": project.package,
            "COMMAND": project.program(project.command),
            "CRON_SECONDS": arguments.seconds,
            "METRICS_PORT": "0",
            "PYTHONPATH": str(ROOT),
        }
        command = [project.program("python"), "-m", "benchmarks.jobs.inside", "rows", *arguments.only]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
