"""Imports of a module: the files of a checkout that the module needs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDERS = ("src", ".")
"""Folders with the packages of a checkout."""

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class _Source:
    """Imports and strings in the text of a module."""

    imports: frozenset[tuple[int, str]]
    """Imported names, with the number of dots before them."""

    strings: frozenset[str]


def closure(root: Path, module: str) -> set[Path]:
    """Return the file of `module`, those of all that it imports, and so on; all of them are below `root`.

    An import inside a function counts too. So does a string in a module that names another module, as for `python -m`,
    or a file below its own folder, which it runs or reads.
    """

    @cache
    def below(folder: Path) -> list[Path]:
        return [path for path in folder.rglob("*.*") if path.is_file()]

    names, found = {module}, set[Path]()
    waiting = set(_files(root, module))
    while waiting:
        file = waiting.pop()
        found.add(file)
        if file.suffix == ".py":
            source = _read(file.read_bytes())
            new = {".".join((*_package(root, file, dots), name)) for dots, name in source.imports} - names
            names |= new
            waiting |= {path for name in new for path in _files(root, name)} - found
            waiting |= {path for path in below(file.parent) if path.name in source.strings} - found
    return found


@cache
def _read(text: bytes) -> _Source:
    imports, strings = set(), set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                imports |= {(0, alias.name) for alias in node.names}
            case ast.ImportFrom():
                base = f"{node.module}." if node.module else ""
                imports |= {(node.level, f"{base}{alias.name}") for alias in node.names}
            case ast.Constant(value=str(string)):
                strings.add(string)
                if _DOTTED.fullmatch(string):
                    imports.add((0, string))
    return _Source(frozenset(imports), frozenset(strings))


def _package(root: Path, file: Path, dots: int) -> tuple[str, ...]:
    """Return the parts of the package name that this number of dots means in the file."""
    if not dots:
        return ()
    place = next(place for place in map(root.joinpath, FOLDERS) if file.is_relative_to(place))
    return file.parents[dots - 1].relative_to(place).parts


def _files(root: Path, name: str) -> Iterator[Path]:
    """Yield the file of the module, and those of its packages; none if it is not in this checkout."""
    parts = name.split(".")
    for folder in FOLDERS:
        for length in range(1, len(parts) + 1):
            place = root.joinpath(folder, *parts[:length])
            yield from (file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file())
