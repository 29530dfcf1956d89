"""One complete project, with every option on, passes the checks that its users run. `.ci/run` runs the rows."""

from copperplate import project
from copperplate.verify import LEVELS, Status, Target, run_levels
from testing.contract import CONTRACT
from testing.matrix import shared
from testing.matrix.slots import Slot


def test_the_project_with_everything_on_passes_its_own_checks(slot: Slot) -> None:
    path = slot.installed_project("row-3.12", shared.everything_on(), "3.12")
    found = project.load(path)
    verified = run_levels(Target(path, found.package_name, found.distribution_name), (*LEVELS, CONTRACT))
    assert [level.tail for level in verified.levels if level.status is Status.FAILED] == []
