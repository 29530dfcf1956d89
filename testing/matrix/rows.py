"""Rows in the committed file `tests/matrix.toml`, one line for each row."""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, starmap

from copperplate.questions import manifest
from copperplate.questions.manifest import Manifest, Value
from testing import ROOT
from testing.matrix.base import base_rows, option_rows
from testing.matrix.covering import Row as Values
from testing.matrix.covering import Space, completed, filled, is_rare, weight
from testing.matrix.parameters import DELIVERY, HOSTILE_DOTENV, SURROUNDINGS, parameters, rules
from testing.matrix.shortening import lightened, shortened

FILE = ROOT / "tests" / "matrix.toml"
STRENGTHS = {"pairs": 2, "triples": 3}
SECTIONS = ("pairs", "options", "triples")
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
    template_tests: bool = True
    """True if the template's own tests run too."""

    @property
    def answers(self) -> dict[str, Value]:
        return {name: value for name, value in self.values.items() if name not in SURROUNDINGS}

    @property
    def python(self) -> str:
        """Return the oldest version that the project supports; its checks run on it."""
        return str(self.values["python_version"])

    @property
    def place(self) -> tuple[bool, bool, int]:
        """Sort key in a run of many rows, which is fastest if the longest rows start first."""
        return is_rare(self.values.items()), not self.template_tests, -weight(self.values)

    @property
    def files(self) -> dict[str, str]:
        """Return the files that the user adds after rendering."""
        return {".env": HOSTILE_DOTENV} if self.values.get("dotenv") == "hostile" else {}


def load(text: str | None = None) -> dict[str, tuple[Row, ...]]:
    """Return the rows by section, as `SECTIONS` names them."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8") if text is None else text)
    return {
        name: tuple(_few_with_template_tests(rows) if name == "pairs" else starmap(Row, rows.items()))
        for name, rows in sections.items()
    }


def _few_with_template_tests(section: Mapping[str, Values]) -> Iterator[Row]:
    """Yield the rows; only so many get the template's own tests that every value of options that add code is there.

    Of rows that are equally useful, the lightest one gets them: these tests are half of the work of all pairs.
    """
    options = [feature.question.name for feature in manifest.load(ROOT).features]
    code = {
        name: {(option, values.get(option)) for option in options if option not in DELIVERY}
        for name, values in section.items()
        if not is_rare(values.items())
    }
    tested: set[str] = set()
    missing = set().union(*code.values())
    while missing:
        best = max(code, key=lambda name: (len(code[name] & missing), -weight(section[name])))
        tested.add(best)
        missing -= code[best]
    yield from (Row(name, values, name in tested) for name, values in section.items())


def generated(asked: Manifest) -> str:
    """Return the content of `FILE` for these questions."""
    spaces = {section: Space(parameters(asked), rules(asked), strength) for section, strength in STRENGTHS.items()}
    made = {
        "pairs": _pairs(spaces["pairs"], base_rows(asked)),
        "options": filled(spaces["pairs"], option_rows(asked), seed=SEED),
        "triples": _numbered("triple", completed(spaces["triples"], {}, seed=SEED)),
    }
    sections = ("\n".join((f"[{name}]", *starmap(_line, made[name].items()), "")) for name in SECTIONS)
    return "\n".join((HEADER, *sections))


def _pairs(space: Space, base: Mapping[str, Values]) -> dict[str, Values]:
    """Make few and light rows: they run on every change, so each row that is saved saves a minute."""
    rows = shortened(space, completed(space, base, seed=SEED), base, seed=SEED)
    rows = lightened(space, rows, base, seed=SEED)
    return _numbered("pair", rows, base)


def _numbered(kind: str, rows: Mapping[str, Values], named: Collection[str] = ()) -> dict[str, Values]:
    """Name each row by its number, except those that have a name."""
    numbers = (f"{kind}-{number:02}" for number in count(1))
    return {name if name in named else next(numbers): row for name, row in rows.items()}


def _line(name: str, row: Mapping[str, Value]) -> str:
    values = (f"{question} = {json.dumps(value, ensure_ascii=False)}" for question, value in row.items())
    return f"{name.replace('_', '-')} = {{ {', '.join(values)} }}"
