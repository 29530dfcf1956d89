"""Python modules as lists: import blocks, the names of an import, and literals that are assigned or returned."""

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from copperplate.update import imports
from copperplate.update.imports import Statement
from copperplate.update.lists.listing import Brackets, Element, Frame, Listing, Order, Rules, sequence

_OFFERED = "__all__"
_SET_NAME = re.compile(rf"{_OFFERED}|(?:\w*_)?(?:routers?|routers\.return)", re.IGNORECASE)
"""Lists of a module whose order has no meaning: its public names, and its routers."""
_INDENT = "    "
_Import = ast.Import | ast.ImportFrom
_Literal = ast.List | ast.Tuple | ast.Set
_Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Conventions:
    line_length: int = 88
    first_party: frozenset[str] = frozenset()
    """Top-level modules of the project."""


def module(source: str, conventions: Conventions) -> Mapping[str, Listing]:
    """Return the lists of a module; nothing if this Python cannot read it."""
    text = _Text(source, conventions)
    found: dict[str, Listing | None] = {}
    try:
        tree = _parsed(source)
        for name, block in _blocks(tree):
            found[name] = text.imports(block)
        for name, literal in _literals(tree, ""):
            found[name] = None if name in found else text.literal(name, literal)
    except ValueError:
        return {}
    return {name: listing for name, listing in found.items() if listing}


def data(source: str) -> object:
    """Return the imports of the module, and the elements of its literals; raises `ValueError`."""
    tree = _parsed(source)
    statements = [
        f"{'.' * getattr(node, 'level', 0)}{getattr(node, 'module', '')} {alias.name} {alias.asname}"
        for node in ast.walk(tree)
        if isinstance(node, _Import)
        for alias in node.names
    ]
    literals = [(name, [ast.unparse(element) for element in node.elts]) for name, node in _literals(tree, "")]
    names = Counter(name for name, _ in literals)
    return {"imports": sorted(set(statements))} | {name: found for name, found in literals if names[name] == 1}


def repeats(source: str) -> Counter[str]:
    """Return bindings, imports, elements and keys of literals; a merge must not repeat one. Raises `ValueError`."""
    tree = _parsed(source)
    with warnings.catch_warnings(action="ignore"):
        try:
            compile(source, "module", "exec", dont_inherit=True)  # finds more errors than the parser; no code runs
        except (SyntaxError, RecursionError) as error:
            raise ValueError(str(error)) from error
    found = imports.bound_names(tree)
    for name, literal in _literals(tree, ""):
        found.update(f"{name} {ast.unparse(element)}" for element in literal.elts)
    for name, mapping in _values(tree, ""):
        if isinstance(mapping, ast.Dict):
            found.update(f"{name} {ast.unparse(key)}" for key in mapping.keys if key)
    return found


def _parsed(source: str) -> ast.Module:
    with warnings.catch_warnings(action="ignore"):  # warnings about the user's code
        try:
            return ast.parse(source)
        except (SyntaxError, RecursionError) as error:
            raise ValueError(str(error)) from error


def _blocks(tree: ast.Module) -> Iterator[tuple[str, list[_Import]]]:
    """Return the blocks of imports in a module. A block has no other statement between its imports.

    The name of a block contains the statements around it, because an import is never moved across a statement.
    """
    is_import = [isinstance(node, _Import) for node in tree.body]
    last = len(is_import) - is_import[::-1].index(True) if any(is_import) else 0
    start = 1 if ast.get_docstring(tree) is not None else 0
    groups = [
        (are_imports, list(nodes))
        for are_imports, nodes in groupby(tree.body[start:last], key=lambda node: isinstance(node, _Import))
    ]
    around = [ast.dump(node) for are_imports, nodes in groups if not are_imports for node in nodes]
    for number, (are_imports, nodes) in enumerate(groups):
        if are_imports:
            block = [node for node in nodes if isinstance(node, _Import)]
            yield f"imports {number} of {len(groups)} with {around}", block


def _literals(tree: ast.Module, name: str) -> Iterator[tuple[str, _Literal]]:
    return ((path, value) for path, value in _values(tree, name) if isinstance(value, _Literal))


def _values(scope: _Scope, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Return assigned and returned values, by the names of their scopes and their own."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _values(node, f"{name}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and node.value:
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            targeted = ast.unparse(targets[0]) if targets[0] else "return"
            yield name + targeted, node.value


class _Text:
    """Text of a module, with the positions of its lines."""

    def __init__(self, source: str, conventions: Conventions) -> None:
        self._source = source
        self._conventions = conventions
        self._lines = source.splitlines(keepends=True)
        self._starts = list(accumulate(map(len, self._lines), initial=0))

    def imports(self, block: list[_Import]) -> Listing | None:
        spans = [(self._starts[node.lineno - 1], self._starts[node.end_lineno or node.lineno]) for node in block]
        if any(first[1] > second[0] for first, second in pairwise(spans)) or not all(map(self._is_alone, block)):
            return None
        start = at = self._above(block[0].lineno)
        elements, statements = [], {}
        for node, (first, end) in zip(block, spans, strict=True):
            element = self._import(node, first, end, self._source[at:first])
            if element is None:
                return None
            statements[element.key] = element
            elements.append(element)
            at = end
        first_party = self._conventions.first_party

        def spacing(first: Element, second: Element) -> str:
            one, other = (imports.section(_statement(element), first_party) for element in (first, second))
            return "\n" * (one != other)

        def sort_key(element: Element) -> tuple[object, ...]:
            return imports.statement_key(_statement(element), first_party)

        rules = Rules(Order.FIXED, sort_keys=(sort_key,), spacing=spacing)
        listing = Listing(start, Frame("", ""), tuple(elements), rules)
        return listing if listing.render() == self._source[start:at] else None

    def _is_alone(self, node: _Import) -> bool:
        """True if the lines of an import contain no other statement."""
        last = node.end_lineno or node.lineno
        end = self._position(last, node.end_col_offset or 0)
        return node.col_offset == 0 and not self._source[end : self._starts[last]].partition("#")[0].strip()

    def _import(self, node: _Import, first: int, end: int, before: str) -> Element | None:
        text = self._source[first:end]
        if isinstance(node, ast.Import):
            return Element(f"import {ast.unparse(node)}", text, before) if len(node.names) == 1 else None
        names = [ast.unparse(alias) for alias in node.names]
        module = f"{'.' * node.level}{node.module or ''}"
        is_aliased = any(alias.asname for alias in node.names)
        key = f"from {module} {names if is_aliased else ''}"
        if names == ["*"]:
            return None  # code below may bind one of its names again
        inner = self._names(node, first, end)
        return Element(key, text, before, inner=inner)

    def _names(self, node: ast.ImportFrom, first: int, end: int) -> Listing | None:
        spans = [self._span(alias) for alias in node.names]
        head = self._source[first : spans[0][0]]
        is_bracketed = "(" in head
        opened = first + head.index("(") + 1 if is_bracketed else spans[0][0]
        closed = self._position(node.end_lineno or 0, node.end_col_offset or 0) - is_bracketed
        statement = f"from {'.' * node.level}{node.module or ''} import "
        rest = self._source[closed:end]
        wrapped = Frame(f"{statement}(\n", ")\n", has_trailing_comma=True) if rest.strip() in {"", ")"} else None
        return sequence(
            self._source,
            Brackets(first, opened, closed, end),
            spans,
            str,
            Rules(
                separator=",",
                sort_keys=(lambda element: imports.name_key(element.key),),
                width=self._conventions.line_length + 1,
                wrapped=wrapped,
                indent=_INDENT,
            ),
        )

    def literal(self, name: str, node: _Literal) -> Listing | None:
        start, end = self._span(node)
        if self._source[start] not in "([{":
            return None
        line = self._starts[node.lineno - 1]
        last = self._starts[node.end_lineno or node.lineno]
        opening, closing = self._source[line : start + 1], self._source[end - 1 : last]
        indent = opening[: len(opening) - len(opening.lstrip())]
        is_last_in_line = not closing[1:].strip()
        wrapped = Frame(f"{opening}\n", indent + closing, has_trailing_comma=True) if is_last_in_line else None
        spans = [self._span(element) for element in node.elts]
        is_set = isinstance(node, ast.Set) or _SET_NAME.fullmatch(name) is not None
        return sequence(
            self._source,
            Brackets(line, start + 1, end - 1, last),
            spans,
            lambda text: ast.unparse(_parsed(f"[{text}]")),
            Rules(
                Order.FREE if is_set else Order.FIXED,
                ",",
                sort_keys=(lambda element: imports.name_key(element.text.strip("\"'")),) if name == _OFFERED else (),
                needs_comma_if_single=isinstance(node, ast.Tuple),
                width=self._conventions.line_length + 1,
                wrapped=wrapped,
                indent=indent + _INDENT,
            ),
        )

    def _above(self, line: int) -> int:
        """Return where the comment directly above a line begins."""
        while line > 1 and self._lines[line - 2].startswith("#") and not self._lines[line - 2].startswith("#!"):
            line -= 1
        return self._starts[line - 1]

    def _span(self, node: ast.expr | ast.alias) -> tuple[int, int]:
        end = self._position(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self._position(node.lineno, node.col_offset), end

    def _position(self, line: int, column: int) -> int:
        """Return the position in characters; Python counts bytes."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def _statement(element: Element) -> Statement:
    node = _parsed(element.text).body[0]
    if isinstance(node, ast.ImportFrom):
        return Statement(node.module or "", node.level, tuple(map(ast.unparse, node.names)))
    alias = node.names[0] if isinstance(node, ast.Import) else ast.alias("")
    return Statement(alias.name, alias=alias.asname or "")
