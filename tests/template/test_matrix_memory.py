"""The memory of passed rows: a row is run again as soon as something changes that can change a verdict."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from copperplate.cli import main
from copperplate.verify import LevelResult, Status, VerifyResult
from testing import ROOT
from testing.matrix import memory, projects
from testing.matrix.results import RowResult

PYTHON = Path(sys.executable)

SERVERS = {"TEST_DATABASE_URL": "postgresql://user@127.0.0.1:1/name", "TEST_REDIS_URL": "redis://127.0.0.1:1/0"}

VERIFYING = """
import json, sys
from pathlib import Path

named = []

def watch(event, arguments):
    if event == "subprocess.Popen":
        named.extend(str(part) for part in arguments[1])

sys.addaudithook(watch)

from copperplate.verify import LEVELS, Target, run_levels
from testing.contract import CONTRACT
from testing.parse import PARSE
from testing.matrix import run

run_levels(Target(Path(sys.argv[1]), "shop", "shop"), (PARSE, *LEVELS, CONTRACT))
imported = [module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)]
print(json.dumps([*imported, *named]))
"""
"""A program that verifies a project, and prints the files of the modules and of the programs that took part."""


def result(*statuses: Status) -> RowResult:
    levels = tuple(LevelResult(f"level-{number}", status, 1.5, "said", "x") for number, status in enumerate(statuses))
    return RowResult("row", "3.12", VerifyResult(levels), 2.0, 1.0)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a memory of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "shop"
    (path / ".venv").mkdir(parents=True)
    (path / "app.py").write_text("x = 1\n")
    (path / ".copier-answers.yml").write_text("_commit: abc\n_src_path: /here\nlicense: MIT\n")
    return path


@pytest.fixture(scope="module")
def used(small_template: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of this repository that took part in a verification, as a process of its own saw them."""
    folder = tmp_path_factory.mktemp("used")
    assert main.run(["new", str(folder / "shop"), "--defaults", "--template", str(small_template)]) == 0
    environment = os.environ | {"PYTHONPATH": str(ROOT), **SERVERS}
    command = [sys.executable, "-c", VERIFYING, str(folder / "shop")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    below = (Path(name).resolve() for name in json.loads(done.stdout) if name.startswith(f"{ROOT}{os.sep}"))
    return {path.relative_to(ROOT).as_posix() for path in below if ".venv" not in path.parts}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what this repository runs on."""
    copy = tmp_path / "checkout"
    for name in ("src", "scripts", "testing", "tests", "docs", *memory.DATA):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy)
    return copy


def forgotten(checkout: Path, files: Iterable[Path]) -> set[Path]:
    """Those of the files of which another line at the end makes another digest."""
    before, found = memory.digest_of(checkout), set()
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b"\n# changed\n")
        if memory.digest_of(checkout) != before:
            found.add(file)
        file.write_bytes(content)
    return found


def test_a_change_of_a_module_of_the_verification_changes_the_state(used: set[str], checkout: Path) -> None:
    known = {"system/process", "system/folders", "system/signals", "project", "verify/in_project"}
    assert {f"src/copperplate/{name}.py" for name in known} <= used  # else it has not seen what took part
    files = {checkout / name for name in used}
    assert forgotten(checkout, files) == files


def test_a_change_of_a_level_a_question_or_a_lock_changes_the_state(checkout: Path) -> None:
    folders = (checkout / "src" / "copperplate" / "verify", checkout / "features")
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    files |= {checkout / "copier.yml", checkout / "template.lock", checkout / "uv.lock"}
    assert len(files) > 10
    assert forgotten(checkout, files) == files


def test_any_other_change_keeps_the_state(used: set[str], checkout: Path) -> None:
    others = {
        *(path for folder in ("console", "cli") for path in checkout.glob(f"src/copperplate/{folder}/*.py")),
        *(checkout / "scripts" / name for name in ("release.py", "matrix.py")),
        *(checkout / "testing" / "matrix" / name for name in ("screen.py", "pool.py")),
        *(checkout / "tests" / name for name in ("conftest.py", "matrix.toml", "template/test_matrix_memory.py")),
        checkout / "docs" / "verify.md",
    }
    assert not {path.relative_to(checkout).as_posix() for path in others} & used
    assert forgotten(checkout, others) == set()


def test_a_change_of_a_newly_imported_module_changes_the_state(checkout: Path) -> None:
    package = checkout / "src" / "copperplate"
    (package / "odd").mkdir()
    (package / "odd" / "__init__.py").touch()
    (package / "odd" / "new.py").write_text("from . import newer\n\nRUN = ['-m', 'copperplate.odd.newest']\n")
    (package / "odd" / "newest.py").write_text("print()\n")
    (package / "odd" / "newer.py").write_text("PROGRAM = 'program.sh'\n")
    (package / "odd" / "program.sh").write_text("exit 0\n")
    files = {path for path in (package / "odd").iterdir() if path.is_file()}
    assert forgotten(checkout, files) == set()
    runner = package / "verify" / "levels.py"
    runner.write_text(runner.read_text() + "\n\ndef later() -> None:\n    from copperplate.odd import new\n")
    assert forgotten(checkout, files) == files


def test_a_passed_row_is_remembered_with_its_levels(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    assert remembered.recall("row", "3.12") is None
    remembered.keep(result(Status.PASSED, Status.SKIPPED))
    recalled = memory.of(project, {}, PYTHON).recall("row", "3.12")
    assert recalled is not None
    assert recalled.told == "partly run earlier"
    assert [level.seconds for level in recalled.verified.levels] == [1.5, 1.5]


def test_a_failed_row_is_not_remembered(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    remembered.keep(result(Status.FAILED))
    assert remembered.recall("row", "3.12") is None


def test_an_unreadable_memory_is_ignored(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    remembered.keep(result(Status.PASSED))
    (file,) = (project.parent / "cache" / "copperplate-tests" / "passed").iterdir()
    for content in ("", "{}", "[1]", '[{"status": "no such"}]'):
        file.write_text(content)
        assert remembered.recall("row", "3.12") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "app.py").write_text("x = 2\n"),
        lambda path: (path / "app.py").chmod(0o755),
        lambda path: (path / "app.py").rename(path / "main.py"),
        lambda path: (path / "more.py").touch(),
        lambda path: (path / ".copier-answers.yml").write_text("_commit: abc\nlicense: ISC\n"),
    ],
)
def test_any_change_of_a_projects_files_changes_the_state(project: Path, change: Callable[[Path], object]) -> None:
    before = memory.of(project, {}, PYTHON)
    change(project)
    assert memory.of(project, {}, PYTHON) != before


@pytest.mark.parametrize("variable", SERVERS)
def test_servers_of_the_user_change_the_state(project: Path, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(variable, raising=False)
    before = memory.of(project, {}, PYTHON)
    monkeypatch.setenv(variable, SERVERS[variable])
    assert memory.of(project, {}, PYTHON) != before


def test_other_files_of_the_user_or_another_interpreter_change_the_state(project: Path) -> None:
    before = memory.of(project, {}, PYTHON)
    assert memory.of(project, {".env": "x"}, PYTHON) != before
    assert memory.of(project, {}, None) != before


def test_an_environment_stands_for_the_python_that_it_was_made_with(project: Path, tmp_path: Path) -> None:
    """A row may find the environment that a former row has left in its folder; uv then names that one."""
    venv.create(tmp_path / "environment", symlinks=True)
    found = [tmp_path / "environment" / "bin" / "python", Path(sys.base_prefix) / "bin" / PYTHON.resolve().name]
    assert memory.of(project, {}, found[0]) == memory.of(project, {}, found[1]) == memory.of(project, {}, PYTHON)


def test_the_recorded_commit_and_files_of_tools_keep_the_state(project: Path) -> None:
    before = memory.of(project, {}, PYTHON)
    (project / ".copier-answers.yml").write_text("_commit: def\n_src_path: /there\nlicense: MIT\n")
    for folder in (".mypy_cache", *projects.KEPT):
        (project / folder).mkdir(exist_ok=True)
        (project / folder / "made").touch()
    assert memory.of(project, {}, PYTHON) == before
