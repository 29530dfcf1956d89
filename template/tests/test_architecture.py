"""Imports point one way. The layers are in `pyproject.toml`, under `tool.importlinter`."""

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_every_module_imports_only_from_layers_below_it() -> None:
    assert lint_imports(str(Path(__file__).parents[1] / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
