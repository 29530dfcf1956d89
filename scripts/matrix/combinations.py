"""Every valid combination of the answers that come from a list; of free text the first class each."""

from itertools import product

from copperplate.questions import manifest
from copperplate.questions.manifest import Value
from scripts.matrix.parameters import CLASSES, ROOT, SURROUNDINGS, parameters, rules
from scripts.matrix.rows import Row


def all_rows() -> list[Row]:
    asked = manifest.load(ROOT)
    listed = {name: values for name, values in parameters(asked).items() if name not in CLASSES | SURROUNDINGS}
    texts = {name: values[0] for name, values in CLASSES.items()}
    chosen = (dict(zip(listed, values, strict=True)) for values in product(*listed.values()))
    return [Row(_name(row), texts | row) for row in chosen if all(rule.allows(row) for rule in rules(asked))]


def _name(row: dict[str, Value]) -> str:
    """As "MIT-3.12-en-example-github": what is off is left out."""
    named = (name if value is True else value for name, value in row.items())
    return "-".join(name for name in named if isinstance(name, str) and name != "none")
