"""Whether the Python that a user asks for can run the project."""

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import process, uv
from copperplate.errors import InputError

_PLAIN = re.compile(r"\d+\.\d+(\.\d+)?")


def chosen(request: str, *, floor: str) -> str:
    """The minor version, such as "3.13", that `request` (as of `uv --python`) stands for.

    Raises `InputError` where there is no such Python, or it is older than `floor`.
    """
    version = Version(request if _PLAIN.fullmatch(request) else _version_of(request))
    if version < Version(floor):
        raise InputError(
            f"--python {request} is Python {version}, but the project needs {floor} or newer",
            f"pass --python {floor}, or lower the floor with --data python_version=…",
        )
    return f"{version.major}.{version.minor}"


def _version_of(request: str) -> str:
    """The version of the interpreter that uv finds for a path, a name or an implementation."""
    hint = "name a version such as 3.13, or the path of an interpreter; `copperplate doctor` lists them"
    path = uv.find_python(request, cwd=Path.cwd())
    if path is None:
        raise InputError(f"--python {request}: there is no such Python here", hint)
    asked = process.run(
        (path, "-I", "-c", "import platform; print(platform.python_version())"),
        cwd=path.parent,
        environment=uv.environment(),
    )
    try:
        return str(Version(asked.stdout.strip()))
    except InvalidVersion:
        raise InputError(f"--python {request} does not run: {asked.complaint}", hint) from None
