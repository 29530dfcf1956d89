"""Program uv, and the Pythons that it finds. No other module runs uv."""

import os
import re
import sys
import tomllib
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate.errors import BrokenError, NoPythonError, UvFailedError
from copperplate.errors.inputs import PythonTooOldError, UnknownPythonError
from copperplate.system import process

# The user decides from where packages and interpreters come. All other `UV_*` variables change the project, the
# interpreter or the versions, which the template decides here.
_KEPT = (
    *("UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_KEYRING_PROVIDER"),
    *("UV_CREDENTIALS_DIR", "UV_HTTP_", "UV_INSECURE_HOST", "UV_NATIVE_TLS", "UV_REQUEST_TIMEOUT", "UV_SYSTEM_CERTS"),
    *("UV_CACHE_DIR", "UV_CONCURRENT_", "UV_CONFIG_FILE", "UV_LINK_MODE", "UV_NO_CACHE", "UV_OFFLINE", "UV_PYTHON_"),
)
_DROPPED = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
_NO_PYTHON = re.compile(r"No interpreter found for (Python \S+)")


def binary() -> Path:
    from uv import find_uv_bin  # noqa: PLC0415 - `--help` must not pay for it

    try:
        return Path(find_uv_bin())
    except FileNotFoundError as error:
        what = "the uv program is missing from this installation of Copperplate"
        raise BrokenError(what, "install Copperplate again: uv is one of its dependencies") from error


def environment() -> dict[str, str]:
    """Return the caller's environment without variables that give uv another project, interpreter or set of versions.

    The folder of the Python that runs Copperplate is added at the end of PATH. For a project, uv takes no Python of a
    virtual environment. If Copperplate runs in one, the Python behind it may be the only one on the machine.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _DROPPED and (not name.startswith("UV_") or name.startswith(_KEPT))
    }
    own = getattr(sys, "_base_executable", None) or sys.executable
    path = kept.get("PATH", os.defpath)
    return kept | {"PATH": f"{path}{os.pathsep}{Path(own).parent}"}


def run(*arguments: str | Path, cwd: Path) -> process.Completed:
    return process.run([binary(), *arguments], cwd=cwd, environment=environment())


def lock(project: Path, *, python: str | None = None) -> None:
    """Lock `project`. Versions that its `uv.lock` names are kept; packages that it does not need are dropped."""
    _change("lock", project, python)


def sync(project: Path, *, python: str | None = None) -> None:
    """Install exactly what `uv.lock` names into `.venv` of `project`."""
    _change("sync", project, python, "--locked")


def find_python(request: str, *, cwd: Path) -> Path | None:
    """Return the path of the interpreter that uv takes for `request` ("3.13", a path …), or None if there is none.

    As uv does for a project, it skips the Pythons of virtual environments, unless `request` is the path of one.
    """
    found = run("python", "find", "--system", "--no-project", "--no-config", "--", request, cwd=cwd)
    return Path(found.stdout.strip()) if found.code == 0 else None


def can_download_python(request: str, *, cwd: Path) -> bool:
    return bool(run("python", "list", "--only-downloads", "--no-config", "--", request, cwd=cwd).stdout.strip())


def workspace_of(path: Path) -> Path | None:
    """Return the root of the uv workspace of which `path` is a member, if there is one."""
    for root in path.parents:
        workspace = _workspace(root / "pyproject.toml")
        below = path.relative_to(root)
        if any(below.match(pattern) for pattern in workspace.get("members", ())):
            return root
    return None


def _workspace(file: Path) -> dict[str, list[str]]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    workspace = settings.get("tool", {}).get("uv", {}).get("workspace", {})
    return workspace if isinstance(workspace, dict) else {}


def _change(verb: str, project: Path, python: str | None, *options: str) -> None:
    """Run a verb of uv that changes `project`; if it fails, raise an error that says what to do."""
    pinned = ("--python", python) if python else ()
    done = run(verb, "--quiet", "--no-progress", *options, *pinned, "--project", project, cwd=project)
    if done.code == 0:
        return
    complaint = done.complaint.removeprefix("error: ")
    missing = _NO_PYTHON.search(done.stderr)
    if missing or "python-build-standalone" in done.stderr:
        needed = missing[1] if missing else "Python that fits the project"
        raise NoPythonError(
            f"uv finds no {needed} on this machine, and could not download it",
            "`copperplate doctor` lists the Pythons that uv finds, and how to get one; "
            "`copperplate new --python VERSION` takes another one",
            needed=needed,
        )
    what = f"`uv {verb}` failed: {complaint}"
    hint = "check the network, and `copperplate doctor`; or pass --no-install, and let `uv sync` do this later"
    raise UvFailedError(what, hint, verb=verb, complaint=complaint)


_PLAIN = re.compile(r"\d+\.\d+(\.\d+)?")
_HINT = "name a version such as 3.13, or the path of an interpreter; `copperplate doctor` lists them"


def choose_python(request: str, *, floor: str, download: bool = True) -> str:
    """Return the minor version, such as "3.13", for `request`, which is an argument of `uv --python`.

    Raises `InputError` if there is no such Python and uv cannot `download` it, or if it is older than `floor`.
    """
    plain = _PLAIN.fullmatch(request) is not None
    version = Version(request if plain else _version_of(request))
    if version < Version(floor):
        what = f"--python {request} is Python {version}, but the project needs {floor} or newer"
        hint = f"pass --python {floor} or newer; the answer python_version sets this limit"
        raise PythonTooOldError(what, hint, version=str(version), floor=floor)
    here = Path.cwd()
    if plain and not find_python(request, cwd=here) and not (download and can_download_python(request, cwd=here)):
        raise _missing(request)
    return f"{version.major}.{version.minor}"


def _version_of(request: str) -> str:
    """Return the version of the interpreter that uv finds for a path, a name or an implementation."""
    path = None if request.startswith("-") else find_python(request, cwd=Path.cwd())
    if path is None or not request.strip():
        raise _missing(request)
    script = "import platform; print(platform.python_version())"
    asked = process.run((path, "-I", "-c", script), cwd=path.parent, environment=environment())
    try:
        return str(Version(asked.stdout.strip()))
    except InvalidVersion:
        what = f"--python {request} does not run: {asked.complaint}"
        raise UnknownPythonError(what, _HINT, request=request) from None


def _missing(request: str) -> UnknownPythonError:
    return UnknownPythonError(f"--python {request!r:.80}: there is no such Python here", _HINT, request=request)
