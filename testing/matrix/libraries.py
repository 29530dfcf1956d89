"""Library cache of mypy, separate from its data about a project.

mypy needs 20 s for the libraries, and projects with the same libraries share the result. The cache must not contain
modules of another project: mypy does not notice a new submodule of a package.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from copperplate import uv
from copperplate.system import process

_PIN = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"\nsource = \{ registry =', re.MULTILINE)

# The imports are read as formatted text, not as a syntax tree: a project may need a newer Python than this one.
_IMPORT = re.compile(r"^ *(?:from (\w[\w.]*) import |import (\w[\w.]*)(?: as \w+)?(?:  #.*)?$)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Return the versions of the libraries in a lock, by name."""
    return dict(_PIN.findall(lock.read_text(encoding="utf-8")))


def digest(lock: Path) -> str:
    """Return a name for the libraries in a lock. All of them count, because some use others if they are installed."""
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
