"""Resources in one project with organisations, checked in every way: `python -m scripts.resources [FILE]`, slow.

All covering ones, or those of a YAML file, as of `tests/projects/shop.yml`.
"""

import subprocess
import sys
from pathlib import Path

import yaml

from copperplate.questions.manifest import Value
from testing import ROOT
from testing.matrix import slots
from testing.resources import covering

PYTHON = "3.12"
ANSWERS: dict[str, Value] = {"jobs": True, "mail": True, "auth": "session", "tenancy": "organisation"}


def main() -> int:
    with slots.taken() as slot:
        shop = slot.installed_project(f"row-{PYTHON}", ANSWERS, PYTHON)
        specification = shop / "covering.yml"
        given = Path(sys.argv[1]).read_text() if sys.argv[1:] else None
        specification.write_text(given or yaml.safe_dump(covering.resources(), sort_keys=False))
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Start")):
            _run("git", *arguments, at=shop)
        _run(
            "copperplate", "resource", "add", "--from", "covering.yml", "--no-verify", "--template", str(ROOT), at=shop
        )
        tools = shop / ".venv" / "bin"
        for command in (("ruff", "format", "--check", "."), ("ruff", "check", "."), ("mypy",), ("pytest", "-q")):
            _run(str(tools / command[0]), *command[1:], at=shop)
    return 0


def _run(*command: str, at: Path) -> None:
    subprocess.run(command, cwd=at, check=True)


if __name__ == "__main__":
    sys.exit(main())
