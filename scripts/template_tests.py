"""The template's own tests: they are of code that no project changes, so they are laid over a rendered project only here.

`python -m scripts.template_tests ARGUMENTS` runs pytest with these arguments in a project with every option on.
`python -m scripts.template_tests --lay PATH` lays the tests over the project there, and runs nothing.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from copperplate import checkout, project, temporary, uv
from copperplate.history import SOURCE, File
from copperplate.manifest import Value
from copperplate.render import rendered
from copperplate.verify import environment
from scripts.matrix import parameters

ROOT = parameters.ROOT
FOLDER = ROOT / "template_tests"
"""Templates of their files, at the places that they have in a project."""

PYTHON = "3.12"
"""What runs single tests."""


def files_for(answers: Mapping[str, Value]) -> dict[str, str]:
    """The files by their path in a project that has these answers, which are all."""
    names = [name for name in checkout.files(ROOT) if name.startswith(("copier.yml", "features/"))]
    template = {name: File(0o644, (ROOT / name).read_bytes()) for name in names}
    for path in FOLDER.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            template[f"template/{path.relative_to(FOLDER).as_posix()}"] = File(0o644, path.read_bytes())
    with temporary.folder() as folder:
        made = rendered(template, answers, version="0", source=SOURCE, inside=folder)
    return {name: file.content.decode() for name, file in made.items()}


def lay(over: Path, files: Mapping[str, str]) -> None:
    """Write the files over a project; none may be there already, so that its own tests stay as they are."""
    for name, content in files.items():
        path = over / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)


def main(arguments: list[str]) -> int:
    from scripts.matrix import shared, slots  # noqa: PLC0415 - they lay these tests themselves

    if arguments[:1] == ["--lay"] and len(arguments) == 2:  # noqa: PLR2004 - the path after it
        path = Path(arguments[1])
        lay(path, files_for(project.load(path).answers))
        return 0
    with slots.taken() as slot:
        path = slot.installed_project(f"row-{PYTHON}", shared.everything_on(), PYTHON)
        lay(path, files_for(project.load(path).answers))
        command = [str(path / ".venv" / "bin" / "pytest"), *arguments]
        return subprocess.run(command, cwd=path, env=environment.of_project(uv.environment()), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
