"""What mypy finds out about the libraries of a project, kept apart from what it finds out about the project.

The libraries take it 20 s, and are the same for all projects with the same ones. A cache that also held modules of
another project would not do: mypy does not notice that a package has got a submodule which it had not before.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from copperplate import process, uv

_PIN = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"\nsource = \{ registry =', re.MULTILINE)

# As the projects' formatter leaves them, and no syntax tree: the projects are for newer Pythons than this may run on.
_IMPORT = re.compile(r"^ *(?:from (\w[\w.]*) import |import (\w[\w.]*)(?: as \w+)?(?:  #.*)?$)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """The versions of the libraries in a lock, by name."""
    return dict(_PIN.findall(lock.read_text(encoding="utf-8")))


def digest(lock: Path) -> str:
    """A name for the libraries that a lock has. Which are there counts as well: some look for others to use."""
    return hashlib.sha256(repr(sorted(pins(lock).items())).encode()).hexdigest()[:12]


def type_check(project: Path, cache: Path, python: str) -> None:
    """Fill the folder `cache`, or bring it up to date, by checking a module that imports what the project imports."""
    cache.mkdir(exist_ok=True)
    module = cache / "libraries.py"
    try:
        module.write_text("".join(f"import {name}\n" for name in sorted(set(_imported(project)))))
        mypy = (project / ".venv" / "bin" / "mypy", "--python-version", python, "--cache-dir", cache, module)
        done = process.run(mypy, cwd=project, environment=uv.environment())
    finally:
        module.unlink(missing_ok=True)
    if done.code != 0:
        raise RuntimeError(f"mypy does not know the libraries: {done.stdout}{done.stderr}")


def _imported(project: Path) -> Iterator[str]:
    """Yield the modules that the project takes from its libraries and from the standard library."""
    own = {"tests", *(path.name for path in (project / "src").iterdir())}
    for file in (*project.glob("src/**/*.py"), *project.glob("tests/**/*.py")):
        for found in _IMPORT.finditer(file.read_text(encoding="utf-8")):
            name = found[1] or found[2]
            if name.partition(".")[0] not in own:
                yield name
