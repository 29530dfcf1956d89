"""Programs of a rendered project, run from its own environment."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def python(project: Path, code: str, *arguments: str) -> str:
    """Return the output of `code`; an error contains what it printed."""
    return tool(project, "python", "-c", code, *arguments)


def tool(project: Path, name: str, *arguments: str) -> str:
    command = [str(project / ".venv" / "bin" / name), *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (
        f"exit code {done.returncode}: {name} {' '.join(arguments):.80}\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout


def forget_development_data(project: Path) -> None:
    """Delete what `dev` has kept of an earlier project at this path: its database may have other migrations."""
    code = "import shutil; from shop_dev import folders; "
    code += "shutil.rmtree(folders.home(folders.project_folder()), ignore_errors=True)"
    python(project, code)


@contextmanager
def servers(project: Path) -> Iterator[dict[str, str]]:
    """Somebody's PostgreSQL and Redis."""
    command = [str(project / ".venv" / "bin" / "python"), "-m", "shop_dev"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        process.communicate()
