"""Templates to render from, and the command line to run."""

import gc
import shlex
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprEntryNative
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from copperplate.cli import main
from copperplate.questions import manifest
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.templates import template
from copperplate.templates.template import Template
from testing import ROOT
from testing.cli import Ran
from testing.matrix.pool import AT_ONCE

LONG = {
    "projects/test_rows.py",
    "new/test_kills.py",
    "update/property/test_lives.py",
    "update/test_crashes.py",
    "update/test_releases.py",
    "update/test_writers.py",
}
"""Modules in which each test is slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fresh", action="store_true", help="run the row of the matrix even if it has passed before")


def pytest_xdist_auto_num_workers() -> int:
    return AT_ONCE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start slow modules first."""
    items.sort(key=lambda item: _module(item) not in LONG)


class _Modules(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Scheduling that gives whole modules to a worker, which makes their fixtures once; slow modules go in parts.

    `--dist=loadgroup` would do the same with marks. pytest-xdist 3.8 gives the groups no effect with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        module, _, _ = nodeid.removeprefix("tests/").partition("::")
        return nodeid if module in LONG else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Modules:
    return _Modules(config, log)


def pytest_collection_finish() -> None:
    """Exclude all imported objects from garbage collection, so that child processes do not copy them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)  # a rendering makes many objects and little garbage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Start the text of a failure with the command that runs only this test."""
    report = yield
    if report.failed:
        mark = "-m long " if item.get_closest_marker("long") else ""
        again = f"Run it again: uv run pytest {mark}{shlex.quote(item.nodeid)}\n"
        if isinstance(report.longrepr, ExceptionChainRepr):
            first, *_ = report.longrepr.chain[0]
            first.reprentries = [ReprEntryNative([again]), *first.reprentries]
        else:
            report.longrepr = f"{again}{report.longrepr}"
    return report


def _module(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").as_posix()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let Ctrl-C work again: a shell makes its background programs, and all that they start, ignore it.

    The tests, and those of the projects, interrupt programs that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache for this run."""
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path_factory.mktemp("cache")
        patched.setenv("COPPERPLATE_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def copier_template_paths() -> list[str]:
    """The files of this repository for pytest-copier."""
    return ["copier.yml", "features", "template"]


@pytest.fixture(scope="session")
def asked() -> Manifest:
    return manifest.load(ROOT)


@pytest.fixture(scope="session")
def real_template() -> Iterator[Template]:
    """The template of this checkout."""
    with template.from_checkout(ROOT) as opened:
        yield opened


@pytest.fixture(scope="session")
def small_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real questions with a project without dependencies, which locks and installs fast and without network."""
    root = tmp_path_factory.mktemp("small-template")
    shutil.copy(ROOT / "copier.yml", root)
    shutil.copytree(ROOT / "features", root / "features")
    (root / "template").mkdir()
    shutil.copy(ROOT / "template" / "{{ _copier_conf.answers_file }}.jinja", root / "template")
    (root / "template" / "pyproject.toml.jinja").write_text(
        '[project]\nname = "{{ distribution_name }}"\nversion = "0"\nrequires-python = ">={{ python_version }}"\n'
    )
    (root / "template" / ".python-version.jinja").write_text("{{ python_version }}\n")
    (root / "template" / ".gitignore").write_text(".venv\n")
    (root / "template" / "README.md").write_text("a project\n")
    return root


@pytest.fixture
def copperplate(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""

    def run(*arguments: str | Path) -> Ran:
        code = main.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def answered(asked: Manifest) -> Callable[..., Answers]:
    """All answers, given those that matter to a test."""

    def from_few(**data: object) -> Answers:
        return Answers.from_data({"project_name": "Acme Shop", **data}, asked)

    return from_few
