"""Whatever users and templates do, in whatever order: no line is lost, and nothing changes silently."""

import shutil
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from tests.update.property.acts import Life
from tests.update.property.lives import for_all
from tests.update.property.living import Told, live


@pytest.mark.parametrize("number", range(8))
def test_no_life_loses_anything(number: int, tmp_path: Path) -> None:
    told: Told = Counter()
    numbers = count()

    def lived(life: Life) -> None:
        folder = tmp_path / str(next(numbers))
        live(life, folder, told)
        shutil.rmtree(folder)

    for_all(number, 38, lived)
