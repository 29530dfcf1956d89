"""Variables for the settings that a project requires of itself, from their examples. Run by the project's own Python.

    python examples.py shop examples.json

The project's tests take the same examples. The file has none for a project of an older template, or one that is broken.
"""

import json
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any


def main(package: str, path: str) -> None:
    variables: dict[str, str] = {}
    with suppress(Exception):
        features, startup = (import_module(f"{package}.{name}") for name in ("features", "startup"))
        variables = _variables(startup.example(features.settings_class()))
    Path(path).write_text(json.dumps(variables), encoding="utf-8")


def _variables(settings: Any) -> dict[str, str]:  # noqa: ANN401 - of the project's own class
    found: dict[str, str] = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        fields = getattr(value, "model_fields_set", None)
        given = {name: value} if fields is None else {f"{name}_{field}": getattr(value, field) for field in fields}
        found |= {variable.upper(): _text(each) for variable, each in given.items()}
    return found


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, tuple | list | set | frozenset):
        return ",".join(map(_text, value))
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


if __name__ == "__main__":
    main(*sys.argv[1:])
