"""Rows in the committed file `tests/matrix.toml`, one line for each row."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from copperplate.questions.manifest import Manifest, Value
from testing import ROOT
from testing.matrix.base import base_rows
from testing.matrix.covering import Space, completed, is_rare, weight
from testing.matrix.parameters import HOSTILE_DOTENV, SURROUNDINGS, parameters, rules
from testing.matrix.shortening import lightened, shortened

FILE = ROOT / "tests" / "matrix.toml"
STRENGTHS = {"pairs": 2, "triples": 3}
HEADER = """\
# Made by `uv run python -m scripts.matrix rows`; not to be edited. In these projects every two, and every three, values
# of different questions that can meet do meet. A row is one line: its name, and what it answers.
"""
SEED = 0


@dataclass(frozen=True, slots=True)
class Row:
    """Project to render and verify."""

    name: str
    values: Mapping[str, Value]

    @property
    def answers(self) -> dict[str, Value]:
        return {name: value for name, value in self.values.items() if name not in SURROUNDINGS}

    @property
    def python(self) -> str:
        """Return the oldest version that the project supports; its checks run on it."""
        return str(self.values["python_version"])

    @property
    def place(self) -> tuple[bool, int]:
        """Sort key in a run of many rows, which is fastest if the longest rows start first."""
        return is_rare(self.values.items()), -weight(self.values)

    @property
    def files(self) -> dict[str, str]:
        """Return the files that the user adds after rendering."""
        return {".env": HOSTILE_DOTENV} if self.values.get("dotenv") == "hostile" else {}


def load(text: str | None = None) -> dict[str, tuple[Row, ...]]:
    """Return the rows by section: `pairs` and `triples`."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8") if text is None else text)
    return {name: tuple(Row(row, values) for row, values in rows.items()) for name, rows in sections.items()}


def generated(asked: Manifest) -> str:
    """Return the content of `FILE` for these questions."""
    base = base_rows(asked)
    sections = [HEADER]
    for section, strength in STRENGTHS.items():
        space = Space(parameters(asked), rules(asked), strength)
        if section == "pairs":  # they run on every change, so each row that is saved saves a minute
            rows = shortened(space, completed(space, base, seed=SEED), base, seed=SEED)
            rows = lightened(space, rows, base, seed=SEED)
        else:
            rows = completed(space, {}, seed=SEED)
        others = (f"{section[:-1]}-{number:02}" for number in count(1))
        lines = [_line(name if name in base else next(others), row) for name, row in rows.items()]
        sections.append("\n".join((f"[{section}]", *lines, "")))
    return "\n".join(sections)


def _line(name: str, row: Mapping[str, Value]) -> str:
    values = (f"{question} = {json.dumps(value, ensure_ascii=False)}" for question, value in row.items())
    return f"{name.replace('_', '-')} = {{ {', '.join(values)} }}"
