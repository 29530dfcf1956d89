from collections.abc import Iterator

import pytest

from testing.matrix import slots
from testing.matrix.slots import Slot

collect_ignore = ["second_feature"]  # its tests run in the project that it is laid over


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    with slots.taken() as slot:
        yield slot
