"""Conflicts in models, settled for the revision: the template's side, with the columns of the user's."""

from copperplate.resources import merging

OURS, BASE, THEIRS, END = (mark * merging.MARKER_SIZE for mark in "<|=>")
MERGED = f"""\
class Order:
    number: int
{OURS} ours
    total: int  # mine
    own: int
{BASE} base
    total: int
{THEIRS}
    total: str
{END} theirs
"""


def test_the_templates_side_is_taken_and_inserted_lines_follow() -> None:
    assert merging.settle(MERGED) == "class Order:\n    number: int\n    total: str\n    own: int\n"


def test_lines_that_would_not_be_valid_there_are_left_out() -> None:
    broken = MERGED.replace("    own: int", "    own: (")
    assert merging.settle(broken) == "class Order:\n    number: int\n    total: str\n"
