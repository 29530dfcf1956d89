"""Tests of the template's own code, in a project.

`python -m scripts.template_tests ARGUMENTS` runs pytest with these arguments in a project with every option on.
`python -m scripts.template_tests --lay PATH` lays the tests over the project there, and runs nothing.
"""

import subprocess
import sys
from pathlib import Path

from copperplate import uv
from copperplate.verify import session
from testing.matrix import shared, slots
from testing.template_tests import lay

PYTHON = "3.12"
"""Python version that runs single tests."""


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--lay"] and len(arguments) == 2:  # noqa: PLR2004 - the path after it
        lay(Path(arguments[1]))
        return 0
    with slots.taken() as slot:
        path = slot.installed_project(f"row-{PYTHON}", shared.everything_on(), PYTHON)
        lay(path)
        command = [str(path / ".venv" / "bin" / "pytest"), *arguments]
        return subprocess.run(
            command, cwd=path, env=session.project_environment(uv.environment()), check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
