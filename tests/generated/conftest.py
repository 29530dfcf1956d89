from collections.abc import Iterator

import pytest

from tests.generated import slots
from tests.generated.slots import Slot


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    with slots.taken() as slot:
        yield slot
