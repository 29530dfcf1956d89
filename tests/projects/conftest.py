from collections.abc import Iterator

import pytest

from testing.matrix import slots
from testing.matrix.slots import Slot

collect_ignore = ["second_feature", "openid_provider"]  # their tests run in the projects that they are laid over


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    with slots.taken() as slot:
        yield slot
