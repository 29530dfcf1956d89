"""Files of lines as lists: the variables of `.env.example`, the patterns of `.gitignore`."""

import re
from collections import Counter
from collections.abc import Mapping

from copperplate.updating.lists.listing import Element, Frame, Listing, Order, Rules

_VARIABLE = re.compile(r"(?:#[ ]?)?(?:export )?(?P<name>[A-Z_][A-Z0-9_]*)=.*\n")
_ACTIVE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"""
    r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|(?!["'`])(?:\\\n|[^\n])*)""",
    re.MULTILINE | re.DOTALL,
)
"""A variable that is no comment, with its value, which may have several lines."""

_QUOTED = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|`[^`\n]*`)"""
_OPEN = re.compile(rf"""^[# \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*(?!{_QUOTED})["'`]|\\$""", re.MULTILINE)
"""A value that goes on in the next line: a quote that is not closed, or a backslash at the end."""

_PATTERN = re.compile(r"(?P<name>[^#\s].*)\n")


def variables(source: str) -> Mapping[str, Listing]:
    """One that stands in a comment counts too: that is how a default is shown.

    Nothing where a value has several lines, for they would be taken for lines of their own.
    """
    return {} if _OPEN.search(source) else _listed(source, _VARIABLE, Order.FREE)


def patterns(source: str) -> Mapping[str, Listing]:
    """The last pattern that matches decides; so the order means something as soon as one of them is negated."""
    is_negated = any(line.startswith("!") for line in source.splitlines())
    return _listed(source, _PATTERN, Order.FIXED if is_negated else Order.FREE)


def data(source: str) -> object:
    """The lines that are neither blank nor a comment."""
    return [line for line in source.splitlines() if line.strip() and not line.startswith("#")]


def repeated_variables(source: str) -> Counter[str]:
    """The variables that are set, which a merge must not repeat."""
    return Counter(found["name"] for found in _ACTIVE.finditer(source))


def repeated_patterns(source: str) -> Counter[str]:
    """The patterns, which a merge must not repeat."""
    return Counter(
        found["name"].rstrip() for line in source.splitlines(keepends=True) if (found := _PATTERN.fullmatch(line))
    )


def _listed(source: str, pattern: re.Pattern[str], order: Order) -> Mapping[str, Listing]:
    elements: list[Element] = []
    before = ""
    for line in source.splitlines(keepends=True):
        if found := pattern.fullmatch(line):
            elements.append(Element(found["name"], line, before))
            before = ""
        else:
            before += line
    return {"": Listing(0, Frame("", before), tuple(elements), Rules(order))}
