"""The lower bounds of a project, with small packages of which the old versions lack something."""

import pytest

from testing.errors import with_fields
from testing.upgrades import bounds, locks
from testing.upgrades.survey import Change, Failure, survey
from tests.template.upgrades.conftest import Harbour
from tests.template.upgrades.test_newest import importing


def test_only_direct_dependencies_are_at_their_lower_bound(harbour: Harbour) -> None:
    for version in ("1.0", "1.5", "2.0"):
        harbour.lands("sail", version, needs="rope")
        harbour.lands("rope", version)
    text = harbour.takes("sail>=1.5,<3")
    (harbour.project / "pyproject.toml").write_text(bounds.at_lowest(text, {"sail": "2.0"}, {"sail"}))
    assert locks.versions(locks.lowest(harbour.project)) == {"sail": "1.5", "rope": "2.0"}


def test_a_bound_that_is_too_low_is_named(harbour: Harbour) -> None:
    for version in ("1.0", "2.0"):
        harbour.lands("rudder", version)
        harbour.lands("sail", version, code="" if version == "2.0" else "raise ImportError('torn')")
    text = harbour.takes("rudder[steering]>=1.0", "sail>=1.0,<3")
    locked = {"rudder": "2.0", "sail": "2.0"}

    def trial(lowered: frozenset[str]) -> tuple[Failure, ...]:
        (harbour.project / "pyproject.toml").write_text(bounds.at_lowest(text, locked, lowered))
        lock = locks.lowest(harbour.project)
        assert locks.versions(lock) == {name: "1.0" if name in lowered else "2.0" for name in locked}
        return importing(harbour, "rudder", "sail")

    bound = bounds.lower_bounds(text)
    found = survey({name: Change(locked[name], old) for name, old in bound.items()}, trial)
    assert found.culprits == (frozenset({"sail"}),)


def test_the_bounds_of_all_groups_are_read() -> None:
    text = (
        '[project]\nname = "ship"\ndependencies = ["Sail_Cloth[canvas]>=1.5,<2"]\n'
        '[dependency-groups]\ndev = ["rope~=2.1", { include-group = "more" }]\nmore = ["tar==3; os_name != \'nt\'"]\n'
    )
    assert bounds.lower_bounds(text) == {"sail-cloth": "1.5", "rope": "2.1", "tar": "3"}


def test_a_dependency_without_a_bound_is_refused() -> None:
    with pytest.raises(bounds.NoBoundError, check=with_fields(requirement="rope<2")):
        bounds.lower_bounds('[project]\nname = "ship"\ndependencies = ["rope<2"]\n')
