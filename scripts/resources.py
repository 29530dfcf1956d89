"""Resources of projects with organisations, checked in every way, which takes minutes: `python -m scripts.resources`.

All covering ones; with a YAML file, such as `tests/projects/shop.yml`, the life of a project with these: generated,
edited by hand, changed, and updated across two releases. It prints the seconds, lines and conflicts. With
`--verify-last`, the checks run once, at the end.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from copperplate.questions.manifest import Value
from copperplate.resources import definitions
from testing import ROOT
from testing.matrix import slots
from testing.matrix.slots import Slot
from testing.resources import covering, shop

PYTHON = "3.12"
ANSWERS: dict[str, Value] = {"jobs": True, "mail": True, "auth": "session", "tenancy": "organisation"}


def main() -> int:
    with slots.taken() as slot:
        if sys.argv[1:]:
            _live(slot, Path(sys.argv[1]), verify="--verify-last" not in sys.argv)
        else:
            _cover(slot)
    return 0


def _live(slot: Slot, file: Path, *, verify: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = shop.live(slot, file, Path(folder), verify=verify)
    names = [each.name for each in definitions.read(file)]
    for what, seconds in done.seconds.items():
        print(f"{what:30} {seconds:>6.0f} s {done.conflicts.get(what, 0):>4} conflicts")
    for part, count in shop.lines(done.project, names).items():
        print(f"lines in {part:21} {count:>6}")


def _cover(slot: Slot) -> None:
    project = slot.installed_project(f"row-{PYTHON}", ANSWERS, PYTHON)
    (project / "covering.yml").write_text(yaml.safe_dump(covering.resources(), sort_keys=False))
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Start")):
        _run("git", *arguments, at=project)
    add = ("copperplate", "resource", "add", "--from", "covering.yml", "--no-verify", "--template", str(ROOT))
    _run(*add, at=project)
    tools = project / ".venv" / "bin"
    for command in (("ruff", "format", "--check", "."), ("ruff", "check", "."), ("mypy",), ("pytest", "-q")):
        _run(str(tools / command[0]), *command[1:], at=project)


def _run(*command: str, at: Path) -> None:
    subprocess.run(command, cwd=at, check=True)


if __name__ == "__main__":
    sys.exit(main())
