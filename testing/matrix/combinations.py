"""Combinations of all answers from lists that are valid together; each free text has its first class."""

from itertools import product

from copperplate.questions import manifest
from copperplate.questions.manifest import Value
from testing import ROOT
from testing.matrix.parameters import CLASSES, SURROUNDINGS, parameters, rules
from testing.matrix.rows import Row


def all_rows() -> list[Row]:
    asked = manifest.load(ROOT)
    listed = {name: values for name, values in parameters(asked).items() if name not in CLASSES | SURROUNDINGS}
    texts = {name: values[0] for name, values in CLASSES.items()}
    chosen = (dict(zip(listed, values, strict=True)) for values in product(*listed.values()))
    return [Row(_name(row), texts | row) for row in chosen if all(rule.allows(row) for rule in rules(asked))]


def _name(row: dict[str, Value]) -> str:
    """Return a name such as "MIT-3.12-en-example-github"; options that are off are left out."""
    named = (name if value is True else value for name, value in row.items())
    return "-".join(name for name in named if isinstance(name, str) and name != "none")
