"""Rendered projects prove themselves with their own tools: all their checks, on real servers."""

import pytest

from copperplate import project
from copperplate.verify import Status, Target, VerifyResult, run_levels
from tests.generated.rows import FULL, Row
from tests.generated.slots import Slot


@pytest.mark.parametrize("row", FULL, ids=lambda row: f"{row.name}-{row.python}")
def test_a_rendered_project_passes_all_of_its_own_checks(slot: Slot, row: Row) -> None:
    path = slot.locked_project("shop", row.answers, row.python)
    slot.warm_up_types(path, row.python)
    for name, content in row.files.items():
        (path / name).write_text(content)
    found = project.load(path)
    result = run_levels(Target(found.root, found.package_name, found.distribution_name))
    assert result.passed, report(result)


def report(result: VerifyResult) -> str:
    failed = [level for level in result.levels if level.status is Status.FAILED]
    table = [f"{level.name}: {level.status} in {level.seconds:.1f} s" for level in result.levels]
    return "\n".join((*table, *(level.tail for level in failed)))
