"""TOML documents as lists: tables, the keys of a table, and the elements of an array."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from copperplate.update.lists import line_merger
from copperplate.update.lists.listing import Brackets, Element, Frame, Listing, Order, Rules, sequence

_TOKEN = re.compile(
    r"""\"{3}(?:\\.|(?!\"{3}).)*\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{},\n]|[^\[\]{},\n"'\#]+""",
    re.DOTALL,
)
_KEY_PART = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\w-]+)"""
_KEY = rf"{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*"
_HEADER = re.compile(rf"[ \t]*(?P<name>\[{{1,2}}[ \t]*{_KEY}[ \t]*\]{{1,2}})[ \t]*(?:#[^\n]*)?\n")
_KEY_VALUE = re.compile(rf"(?P<indent>[ \t]*)(?P<key>{_KEY})[ \t]*=[ \t]*")
_IGNORED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?\n")
_REQUIREMENT = re.compile(r"""(?P<name>"[A-Za-z0-9._-]+)(?P<extras>\[[^\]"]*\])?(?P<rest>[^"\\]*")""")
_PACKAGE = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")

_REQUIREMENTS = (
    "project.dependencies",
    "project.optional-dependencies.*",
    "dependency-groups.*",
    "build-system.requires",
    "tool.uv.constraint-dependencies",
    "tool.uv.override-dependencies",
    "tool.uv.build-constraint-dependencies",
)
_KEYS_OF_SETS = {
    "project": "classifiers dynamic keywords",
    "tool.coverage.html": "*",
    "tool.coverage.report": "*",
    "tool.coverage.run": "concurrency include omit source source_pkgs",
    "tool.importlinter.contracts": "forbidden_modules ignore_imports modules source_modules",
    "tool.mypy": "disable_error_code enable_error_code exclude files",
    "tool.mypy.overrides": "module",
    "tool.pytest": "markers norecursedirs testpaths",
    "tool.pytest.ini_options": "markers norecursedirs testpaths",
    "tool.ruff": "exclude extend-exclude extend-include include",
    "tool.ruff.lint": "exclude extend-* fixable ignore select unfixable",
    "tool.ruff.lint.per-file-ignores": "*",
    "tool.uv": "default-groups environments no-binary-package no-build-package required-environments",
}
_SETS = tuple(f"{table}.{key}" for table, keys in _KEYS_OF_SETS.items() for key in keys.split())
"""Arrays of `pyproject.toml` whose order has no meaning for the tools that read them."""
_UNORDERED_TABLES = ("tool.importlinter.contracts", "tool.mypy.overrides")
"""Arrays of tables whose order has no meaning."""
_SORTED_REQUIREMENTS = (
    lambda element: (element.text.startswith("{"), element.key),
    lambda element: (element.text.startswith("{"), element.text.casefold()),
)
_SORTED = (lambda element: element.text.strip("\"'"), lambda element: element.text.strip("\"'").casefold())


def document(source: str) -> Mapping[str, Listing]:
    """Return the document as one list of tables, by name; nothing if its layout is unknown."""
    try:
        tables = list(_tables(source))
    except ValueError:
        return {}
    end = tables[-1].start + len(tables[-1].render()) if tables else 0
    elements, at = [], 0
    found: dict[str, int] = {}
    for table in tables:
        text = table.render()
        name = table.frame.opening.partition("#")[0].strip()
        path = _path(name.strip("[] \t"))
        if name.startswith("[["):
            first = table.elements[0].text if table.elements else ""
            path = f"[[{path}]] {first}"  # the first key, such as `name`, identifies a table of an array
        number = found[path] = found.get(path, 0) + 1
        elements.append(Element(f"{path} {number}", text, source[at : table.start], inner=table))
        at = table.start + len(text)
    whole = Listing(0, Frame("", source[end:]), tuple(elements))
    return {"": whole} if whole.render() == source else {}


def data(source: str) -> object:
    """Return the data, with requirements split into their parts by name; raises `ValueError`."""
    return _with_requirements(tomllib.loads(source), "")


def repeats(source: str) -> Counter[str]:
    """Return the elements of its arrays; a merge must not repeat one. Raises `ValueError`."""
    return line_merger.elements(tomllib.loads(source), _named)


def _named(path: str, value: object) -> str:
    is_package = isinstance(value, str) and _matches(path, _REQUIREMENTS)
    return _package(json.dumps(value)) if is_package else repr(value)


def _with_requirements(value: object, path: str) -> object:
    if isinstance(value, dict):
        return {key: _with_requirements(inner, f"{path}.{key}".lstrip(".")) for key, inner in value.items()}
    if not isinstance(value, list) or not _matches(path, _REQUIREMENTS):
        return value
    parts = {text: _requirement_parts(text) for text in map(json.dumps, value)}
    named = {found[0] if found else text: list(found[1:]) for text, found in parts.items()}
    return named if len(named) == len(value) else value


def is_set(path: str) -> bool:
    """True if the order of the array at `path` has no meaning."""
    return _matches(path, (*_REQUIREMENTS, *_SETS, *_UNORDERED_TABLES))


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _tables(source: str) -> Iterator[Listing]:
    """Return the tables with their keys; the first one may have no header."""
    at = start = 0
    header, keys = "", list[Element]()
    while (here := _end(_IGNORED, source, at)) < len(source):
        if found := _HEADER.match(source, here):
            if header or keys:
                yield Listing(start, Frame(header, _comment_at_end(source[at:here])), tuple(keys))
            start, at, header, keys = here, found.end(), found[0], []
            continue
        pair = _KEY_VALUE.match(source, here)
        if pair is None:
            raise ValueError
        key = _path(pair["key"])
        path = ".".join(part for part in (_path(header.partition("#")[0].strip(" \t[]\n")), key) if part)
        first, end = here + len(pair["indent"]), _value_end(source, pair.end())
        rest = _end(_REST_OF_LINE, source, end)
        inner = _array(source, first, pair.end(), end, path) if source.startswith("[", pair.end()) else None
        keys.append(Element(key, source[first:end], source[at:first], source[end:rest], inner))
        at = rest
    if header or keys:
        comment = "" if source[at:here].strip() == "" else source[at:here]
        yield Listing(start, Frame(header, comment), tuple(keys))


def _comment_at_end(space: str) -> str:
    """Return the lines between two tables that belong to the upper one: not a comment directly above the header."""
    lines = space.splitlines(keepends=True)
    while lines and lines[-1].strip():
        lines.pop()
    while lines and not lines[-1].strip():
        lines.pop()
    return "".join(lines)


def _rules(path: str) -> Rules:
    if not is_set(path):
        return Rules(Order.FIXED, ",")
    if _matches(path, _REQUIREMENTS):
        return Rules(Order.FREE, ",", _SORTED_REQUIREMENTS, _requirement_parts)
    return Rules(Order.FREE, ",", _SORTED)


def _array(source: str, start: int, opened: int, end: int, path: str) -> Listing | None:
    spans: list[tuple[int, int]] = []
    depth, first, last = 0, -1, -1
    for token in _TOKEN.finditer(source, opened, end):
        text = token[0].strip()
        depth -= text in {"]", "}"}
        if first >= 0 and (depth == 0 or (depth == 1 and text == ",")):
            spans.append((first, last))
            first = -1
        elif depth and text and not text.startswith("#"):
            first = source.index(text, token.start()) if first < 0 else first
            last = source.index(text, token.start()) + len(text)
        depth += text in {"[", "{"}
    key = _package if _matches(path, _REQUIREMENTS) else _canonical
    return sequence(source, Brackets(start, opened + 1, end - 1, end), spans, key, _rules(path))


def _value_end(source: str, start: int) -> int:
    depth, at = 0, start
    while token := _TOKEN.match(source, at):
        if depth == 0 and (token[0] == "\n" or token[0].startswith("#")):
            break
        depth += (token[0] in {"[", "{"}) - (token[0] in {"]", "}"})
        at = token.end()
    return start + len(source[start:at].rstrip(" \t"))


def _canonical(text: str) -> str:
    """Return one text for each value, independent of its notation."""
    return json.dumps(tomllib.loads(f"value = {text}")["value"], sort_keys=True, default=str)


def _package(text: str) -> str:
    """Return the package name of a requirement (PEP 503)."""
    value = tomllib.loads(f"value = {text}")["value"]
    found = _PACKAGE.match(value) if isinstance(value, str) else None
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else _canonical(text)


def _requirement_parts(text: str) -> tuple[str, ...]:
    """Return the parts of a requirement: its name, its extras, and its bounds with the rest."""
    found = _REQUIREMENT.fullmatch(text)
    return (found["name"], found["extras"] or "", found["rest"]) if found else ()


def _path(key: str) -> str:
    """Return the parts of a dotted key, without quotes and spaces."""
    return ".".join(part.strip("\"'") for part in re.findall(_KEY_PART, key))


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    found = pattern.match(source, at)
    if found is None:
        raise ValueError
    return found.end()
