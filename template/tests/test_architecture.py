"""Imports between the modules. The layers are in `pyproject.toml`, under `tool.importlinter`."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import grimp
import pytest
from grimp import Layer, PackageDependency

ROOT = Path(__file__).parents[1]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGE, DEVELOPMENT = CONFIGURATION["root_packages"]


def test_every_module_imports_only_from_layers_below_it() -> None:
    # In a new process: it sets up logging, which would silence the existing loggers.
    program = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_a_feature_of_this_project_is_used_by_no_module_that_is_not_one() -> None:
    """A module that no layer in `pyproject.toml` names is a feature.

    It may use other features, and all below `project`. If a module below uses it, too, it is not a feature: name it in
    a layer.
    """
    (contract, *_) = CONFIGURATION["contracts"]
    named = [re.split(r" *[|:] *", layer) for layer in contract["layers"]]
    known = {name.partition(".")[0] for layer in named for name in layer}
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    features = {child.rpartition(".")[2] for child in graph.find_children(PACKAGE)} - known - {"__main__"}
    above = next(place for place, layer in enumerate(named) if "project" in layer) + 1
    layers: list[Layer | str | set[str]] = [Layer(*layer, independent=False) for layer in named]
    layers.insert(above, Layer(*features, independent=False))
    found = graph.find_illegal_dependencies_for_layers(layers, containers={PACKAGE})
    fail_for(found)


def test_within_each_feature_imports_go_from_router_to_service_to_repository_to_models() -> None:
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    layers: list[Layer | str | set[str]] = [
        "router",
        "service",
        "repository",
        Layer("models", "schemas", "errors", independent=False),
    ]
    found = graph.find_illegal_dependencies_for_layers(layers, containers=graph.find_children(PACKAGE))
    fail_for(found)


def fail_for(found: set[PackageDependency]) -> None:
    if found:
        pytest.fail("\n".join(sorted(f"{wrong.importer} imports {wrong.imported}" for wrong in found)), pytrace=False)


def test_what_is_imported_is_installed_in_production_too() -> None:
    """Other tests would not notice this: they run with the tools of development installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    production = set(installed_with(project["project"]["name"]))
    found = metadata.packages_distributions()
    for module in foreign(PACKAGE):
        origins = {name.lower().replace("_", "-").replace(".", "-") for name in found.get(module, ())}
        assert origins & production, f"{module} comes from {origins or 'nowhere'}, which production does not install"


def foreign(package: str) -> set[str]:
    """Return modules of other packages that the package imports when it runs."""
    graph = grimp.build_graph(
        package, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    external = {name.partition(".")[0] for name in graph.modules if graph.is_module_squashed(name)}
    return external - sys.stdlib_module_names - {DEVELOPMENT}


def installed_with(name: str) -> Iterator[str]:
    """Return the dependencies of the distribution, and theirs, from the lock."""
    packages = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    seen: set[tuple[str, str]] = set()
    wanted = [(name, "")]
    while wanted:
        name, extra = wanted.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        yield name
        package = packages[name]
        needed = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
        for dependency in needed:
            wanted += [(dependency["name"], extra) for extra in ("", *dependency.get("extra", ()))]
