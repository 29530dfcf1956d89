"""Wiring: a feature in the list of `project.py`, found by the syntax tree, with all else kept as it is."""

import ast
import re
from collections.abc import Iterable

from copperplate.errors import RefusedError
from copperplate.migrations.script import replaced_node

LINE_LENGTH = 120


def add_features(source: bytes, names: Iterable[str], file: str) -> bytes:
    """Import each feature, and add it to `FEATURES`.

    Raises `RefusedError`, with the lines to add, if the list is not written out in the file `file`.
    """
    for name in names:
        source = _add(source, name, file)
    return source


def lines_for(name: str) -> tuple[str, str]:
    """Return the lines that a user would write to add the feature."""
    return f"from .{name}.feature import feature as {name}", f"FEATURES = (…, {name})"


def _add(source: bytes, name: str, file: str) -> bytes:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        raise _refusal(name, file, "it is not valid Python") from None
    taken = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
    }
    taken |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if name in taken:
        raise _refusal(name, file, f"the name {name} is used there already")
    listed = _list(tree)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.level == 1]
    if listed is None or not imports:
        raise _refusal(name, file, "FEATURES is not written there as one tuple or list")
    source = replaced_node(source, listed, _with_element(source, listed, name))
    return _with_import(source, imports, name)


def _list(tree: ast.Module) -> ast.Tuple | ast.List | None:
    """Return the value of `FEATURES`, if it is assigned once, and is a tuple or a list."""
    found = [
        node.value
        for node in ast.walk(tree)
        if (isinstance(node, ast.AnnAssign) and _is_features(node.target))
        or (isinstance(node, ast.Assign) and len(node.targets) == 1 and _is_features(node.targets[0]))
    ]
    if len(found) != 1 or not isinstance(found[0], ast.Tuple | ast.List):
        return None
    return found[0]


def _is_features(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "FEATURES"


def _with_element(source: bytes, listed: ast.Tuple | ast.List, name: str) -> str:
    text = (ast.get_source_segment(source.decode(), listed) or "").rstrip()
    opening, closing = ("(", ")") if isinstance(listed, ast.Tuple) else ("[", "]")
    if not text.startswith(opening):  # a tuple without brackets
        return f"({text.rstrip(',')}, {name})"
    inside = text[1:-1]
    if "\n" in inside:
        return _with_line(text, listed, name)
    elements = [part.strip() for part in inside.split(",") if part.strip()] if not listed.elts else [inside.strip(" ,")]
    comma = "," if isinstance(listed, ast.Tuple) and not listed.elts else ""
    joined = f"{opening}{', '.join([*elements, name])}{comma}{closing}"
    line = source.splitlines()[listed.lineno - 1].decode()
    before = len(line.encode()[: listed.col_offset].decode())
    if before + len(joined) <= LINE_LENGTH:
        return joined
    parts = [ast.get_source_segment(source.decode(), element) or "" for element in listed.elts]
    return "\n".join([opening, *(f"    {part}," for part in [*parts, name]), closing])


def _with_line(text: str, listed: ast.Tuple | ast.List, name: str) -> str:
    """Return the list with one more line after the last; comments stay where they are."""
    lines = text.split("\n")
    if not listed.elts:
        return "\n".join([*lines[:-1], f"    {name},", lines[-1]])
    last = listed.elts[-1]
    row = (last.end_lineno or last.lineno) - listed.lineno
    end = (last.end_col_offset or 0) - (listed.col_offset if row == 0 else 0)
    raw = lines[row].encode()
    rest = raw[end:].decode()
    if not rest.lstrip().startswith(","):
        lines[row] = raw[:end].decode() + "," + rest
    indent = " " * (len(lines[row]) - len(lines[row].lstrip())) if row else "    "
    return "\n".join([*lines[: row + 1], f"{indent}{name},", *lines[row + 1 :]])


def _with_import(source: bytes, imports: list[ast.ImportFrom], name: str) -> bytes:
    """Return the source with the import, before the first one that sorts after it."""
    module = f"{name}.feature"
    after = next((node for node in imports if _natural(node.module or "") > _natural(module)), None)
    line = after.lineno - 1 if after else (imports[-1].end_lineno or imports[-1].lineno)
    lines = source.splitlines(keepends=True)
    ending = b"\r\n" if lines[imports[0].lineno - 1].endswith(b"\r\n") else b"\n"
    new = lines_for(name)[0].encode() + ending
    return b"".join([*lines[:line], new, *lines[line:]])


def _natural(module: str) -> list[str | int]:
    """Return the key by which isort orders modules: numbers by their value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", module)]


def _refusal(name: str, file: str, why: str) -> RefusedError:
    first, second = lines_for(name)
    return RefusedError(f"{file} cannot be changed: {why}", f"add these lines by hand: `{first}` and `{second}`")


def remove_feature(source: bytes, name: str, file: str) -> bytes:
    """Remove the import of a feature, and its element of `FEATURES`; a file that has neither stays as it is.

    Raises `RefusedError`, with the lines to remove, if the feature is written in another way.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        raise _kept(name, file, "it is not valid Python") from None
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and _binds(node, name)]
    if not uses and not imports:
        return source
    listed = _list(tree)
    if listed is None:
        raise _kept(name, file, "FEATURES is not written there as one tuple or list")
    elements = [element for element in listed.elts if isinstance(element, ast.Name) and element.id == name]
    if len(uses) != len(elements) or len(elements) > 1:
        raise _kept(name, file, f"the name {name} is used there more than once")
    if len(imports) != 1 or len(imports[0].names) != 1 or not (imports[0].module or "").endswith(f"{name}.feature"):
        raise _kept(name, file, f"{name} is imported there in another way")
    if elements:
        source = replaced_node(source, listed, _without_element(source, listed, elements[0]))
    lines = source.splitlines(keepends=True)
    return b"".join([*lines[: imports[0].lineno - 1], *lines[imports[0].end_lineno or imports[0].lineno :]])


def _binds(node: ast.ImportFrom, name: str) -> bool:
    return any((alias.asname or alias.name) == name for alias in node.names)


def _without_element(source: bytes, listed: ast.Tuple | ast.List, element: ast.Name) -> str:
    text = (ast.get_source_segment(source.decode(), listed) or "").rstrip()
    left = [node for node in listed.elts if node is not element]
    if "\n" in text and left:
        lines = text.split("\n")
        row = element.lineno - listed.lineno
        others = {node.lineno for node in left} | {node.end_lineno for node in left}
        if row and element.lineno not in others and row < len(lines) - 1:
            return "\n".join([*lines[:row], *lines[row + 1 :]])
    parts = [ast.get_source_segment(source.decode(), node) or "" for node in left]
    if isinstance(listed, ast.List):
        return f"[{', '.join(parts)}]"
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _kept(name: str, file: str, why: str) -> RefusedError:
    return RefusedError(f"{file} cannot be changed: {why}", f"remove the feature {name} there by hand, and commit that")
