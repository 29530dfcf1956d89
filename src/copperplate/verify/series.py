"""Run programs of a project one after the other, each in a process of its own that has the large modules already.

    python series.py '["shop.features"]' '[["alembic", "upgrade", "head"], ["alembic", "check"]]'

Alembic imports the whole application with each command, which takes longer than what it then does. So the project's own
Python imports those modules once, and forks for each command. It ends with the exit code of the first command that
fails, and runs none after it.
"""

import gc
import importlib
import json
import os
import runpy
import shutil
import sys
from contextlib import suppress
from pathlib import Path


def main(modules: list[str], commands: list[list[str]]) -> None:
    for name in modules:
        with suppress(Exception):  # the project does without it; or it is broken, which the commands will tell of
            importlib.import_module(name)
    gc.freeze()  # else each child, as it ends, looks through all of it for garbage
    for command in commands:
        sys.stdout.write(f"$ uv run {' '.join(command)}\n")
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            run(*command)
            return  # and this process ends as any program does
        if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit(code)


def run(*command: str) -> None:
    """As if it had been started by its name, or by `python` and a path."""
    program, *arguments = command[1:] if command[0] == "python" else command
    path = shutil.which(program) or program
    sys.argv = [path, *arguments]
    sys.path[0] = str(Path(path).parent)
    runpy.run_path(path, run_name="__main__")


if __name__ == "__main__":
    main(*map(json.loads, sys.argv[1:]))
