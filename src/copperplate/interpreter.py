"""Whether the Python that a user asks for can run the project."""

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import uv
from copperplate.errors import InputError
from copperplate.system import process

_PLAIN = re.compile(r"\d+\.\d+(\.\d+)?")


_HINT = "name a version such as 3.13, or the path of an interpreter; `copperplate doctor` lists them"


def chosen(request: str, *, floor: str, download: bool = True) -> str:
    """The minor version, such as "3.13", that `request` (as of `uv --python`) stands for.

    Raises `InputError` where there is no such Python, nor one that uv could `download`, or it is older than `floor`.
    """
    plain = _PLAIN.fullmatch(request) is not None
    version = Version(request if plain else _version_of(request))
    if version < Version(floor):
        raise InputError(
            f"--python {request} is Python {version}, but the project needs {floor} or newer",
            f"pass --python {floor} or newer; the answer python_version sets this limit",
        )
    if plain and not _is_there(request, download=download):
        raise _missing(request)
    return f"{version.major}.{version.minor}"


def _is_there(request: str, *, download: bool) -> bool:
    here = Path.cwd()
    return uv.find_python(request, cwd=here) is not None or (download and uv.can_download_python(request, cwd=here))


def _version_of(request: str) -> str:
    """The version of the interpreter that uv finds for a path, a name or an implementation."""
    path = None if request.startswith("-") else uv.find_python(request, cwd=Path.cwd())
    if path is None or not request.strip():
        raise _missing(request)
    asked = process.run(
        (path, "-I", "-c", "import platform; print(platform.python_version())"),
        cwd=path.parent,
        environment=uv.environment(),
    )
    try:
        return str(Version(asked.stdout.strip()))
    except InvalidVersion:
        raise InputError(f"--python {request} does not run: {asked.complaint}", _HINT) from None


def _missing(request: str) -> InputError:
    return InputError(f"--python {request!r:.80}: there is no such Python here", _HINT)
