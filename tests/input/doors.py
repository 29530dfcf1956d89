"""Doors: all ways to give answers. A door takes answers and a folder, and returns the command line to run."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

Door = Callable[[Mapping[str, object], Path], list[str]]


def data(answers: Mapping[str, object], place: Path) -> list[str]:
    given = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in answers.items()]
    return _new(place, *(part for answer in given for part in ("--data", answer)))


def yaml_file(answers: Mapping[str, object], place: Path) -> list[str]:
    return _from_file(place / "answers.yml", yaml.safe_dump(dict(answers), default_style='"', width=10_000))


def json_file(answers: Mapping[str, object], place: Path) -> list[str]:
    return _from_file(place / "answers.json", json.dumps(answers))


def toml_file(answers: Mapping[str, object], place: Path) -> list[str]:
    return _from_file(place / "answers.toml", "".join(f"{_toml(k)} = {_toml(v)}\n" for k, v in answers.items()))


DOORS: dict[str, Door] = {"--data": data, "yaml": yaml_file, "json": json_file, "toml": toml_file}
FILES: dict[str, Door] = {name: DOORS[name] for name in ("yaml", "json", "toml")}


def _new(place: Path, *arguments: str) -> list[str]:
    return ["new", str(place / "shop"), "--defaults", "--no-install", "--no-git", *arguments]


def _from_file(file: Path, text: str) -> list[str]:
    file.write_bytes(text.encode(errors="surrogatepass"))  # a reader must cope with what is no UTF-8
    return _new(file.parent, "--answers", str(file))


def _toml(value: object) -> str:
    """A value in TOML. Its strings are those of JSON, except that DEL is escaped and a table has `=`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(name)} = {_toml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
