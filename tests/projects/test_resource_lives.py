"""A short life of a project with resources: no line of the user is lost, and an old database comes along.

`python -m scripts.lives` draws longer ones.
"""

from collections import Counter
from pathlib import Path

import pytest

from testing.matrix.slots import Slot
from testing.resources.life import live

pytestmark = pytest.mark.long

ACTS = ("add", "edit", "column", "change", "change", "update", "remove")
SEED = 3


def test_resources_live_with_edits_and_updates_and_lose_no_line(slot: Slot, tmp_path: Path) -> None:
    told = Counter[str]()
    live(slot, tmp_path / "life", SEED, ACTS, told)
    assert {"add", "change", "update", "remove"} <= told.keys()  # so none of them was refused each time
