"""Random histories of users and templates: no line is lost, and nothing changes silently."""

import shutil
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from testing.simulation.actions import Life
from testing.simulation.simulation import Told, live
from testing.simulation.strategies import KINDS, for_all

COUNTS = {
    "edits": 30,
    "moves": 30,
    "lists": 15,
    "names and modes": 20,
    "resolving": 20,
    "settings": 20,
    "everything": 25,
}
"""Histories of each kind on every change; `python -m scripts.soak` tries as many as one likes."""


@pytest.mark.parametrize("kind", KINDS)
def test_no_random_history_loses_anything(kind: str, tmp_path: Path) -> None:
    told: Told = Counter()
    numbers = count()

    def lived(life: Life) -> None:
        folder = tmp_path / str(next(numbers))
        live(life, folder, told)
        shutil.rmtree(folder)

    for_all(0, COUNTS[kind], lived, kind=kind)
