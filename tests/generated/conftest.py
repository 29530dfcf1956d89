from collections.abc import Iterator

import pytest

from scripts.matrix import slots
from scripts.matrix.slots import Slot


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    with slots.taken() as slot:
        yield slot
