"""The order of the layers: each package imports those below it, never one above it or beside it.

The library `testing` is above the package, and `tests` and `scripts` are above the library.
"""

import ast
from pathlib import Path

import pytest

import copperplate
from testing import ROOT

SOURCE = Path(copperplate.__file__).parent
LAYERS = (
    ("cli",),
    ("console",),
    ("commands",),
    ("resources",),
    ("update",),
    ("compare", "migrations"),
    ("verify", "templates", "lockfile", "destination"),
    ("git", "uv", "project"),
    ("questions",),
    ("system",),
    ("errors", "progress"),
)
RANKS = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def modules() -> dict[str, Path]:
    """All modules by their names below `copperplate`; a package has the name of its folder."""
    files = (file for file in SOURCE.rglob("*.py") if file.parent != SOURCE or file.stem != "__init__")
    return {".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(file: Path, known: dict[str, Path]) -> set[str]:
    """The modules that a module imports, also inside a function or for its types alone."""
    found = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "copperplate":
            names = [f"{node.module}.{alias.name}".removeprefix("copperplate.") for alias in node.names]
            found |= {name if name in known else name.rpartition(".")[0] for name in names}
    return found


def test_every_module_has_its_layer() -> None:
    assert {name.partition(".")[0] for name in modules()} == RANKS.keys()


def test_there_are_few_modules_and_none_is_long() -> None:
    """The programs for a project's own Python do not count: no module imports them."""
    files = [file for file in SOURCE.rglob("*.py") if file.name not in {"__init__.py", "in_project.py"}]
    assert 60 < len(files) <= 90
    assert [file.name for file in SOURCE.rglob("*.py") if len(file.read_text().splitlines()) > 300] == []


def test_no_module_imports_a_higher_or_equal_layer() -> None:
    known = modules()
    arrows = {(name, other) for name, file in known.items() for other in imported(file, known)}
    assert len(arrows) > 100
    tops = {(name, other, name.partition(".")[0], other.partition(".")[0]) for name, other in arrows}
    assert [(name, other) for name, other, top, below in tops if top != below and RANKS[top] >= RANKS[below]] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    left = {name: imported(file, known) - {name} for name, file in known.items()}
    while ready := {name for name, needs in left.items() if not needs & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in ready}
    assert left == {}


def packages_imported_by(folder: str) -> set[str]:
    """The first names of all that the modules in a folder of the checkout import."""
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        if "second_feature" in file.parts:  # of a rendered project, for a newer Python
            continue
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("folder", "below", "not_below"),
    [
        ("src/copperplate", set(), {"testing", "scripts", "tests", "benchmarks"}),
        ("testing", {"copperplate"}, {"scripts", "tests", "benchmarks"}),
        ("scripts", {"copperplate", "testing"}, {"tests", "benchmarks"}),
        ("tests", {"copperplate", "testing"}, {"scripts", "benchmarks"}),
    ],
)
def test_the_tests_and_the_scripts_share_a_library_and_nothing_else(
    folder: str, below: set[str], not_below: set[str]
) -> None:
    imported = packages_imported_by(folder)
    assert below <= imported
    assert imported & not_below == set()
