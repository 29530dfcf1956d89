"""Answers of the projects that tests render besides the rows of the matrix: every option on, or every option off."""

from copperplate.questions import manifest
from copperplate.questions.manifest import Value
from testing import ROOT
from testing.matrix import rows

_OPTIONS = {feature.question.name for feature in manifest.load(ROOT).features}


def _options_of(name: str) -> dict[str, Value]:
    (row,) = (row for row in rows.load()["pairs"] if row.name == name)
    return {option: value for option, value in row.answers.items() if option in _OPTIONS}


EVERYTHING = _options_of("everything") | {"tenancy": "none"}
"""Without organisations, whose paths are others; `ORGANISATIONS` has them."""

ORGANISATIONS = EVERYTHING | {"tenancy": "organisation"}
NOTHING = _options_of("nothing")
