"""Lives of projects, drawn at random: what users and templates do, in which order."""

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.update.property import evolving, hands
from tests.update.property.acts import Act, Life, Turn

_WISHES = ("update", "update", "update", "update and set", "flip", "flip", "set", "rename")


def acts(verbs: tuple[str, ...]) -> SearchStrategy[Act]:
    return st.builds(
        Act,
        st.sampled_from(verbs),
        file=st.integers(0, 11),
        line=st.integers(0, 20),
        size=st.integers(1, 3),
        other=st.integers(0, 4),
    )


def turns() -> SearchStrategy[Turn]:
    return st.builds(
        Turn,
        work=st.lists(acts(hands.WORK), min_size=1, max_size=8).map(tuple),
        loose=st.lists(acts(hands.LOOSE), max_size=2).map(tuple),
        wish=acts(_WISHES),
        dry=st.booleans(),
        steps=st.booleans(),
        resolve=st.booleans(),
    )


def lives() -> SearchStrategy[Life]:
    version = st.lists(acts(evolving.VERBS), min_size=1, max_size=4).map(tuple)
    return st.builds(
        Life,
        versions=st.lists(version, min_size=1, max_size=4).map(tuple),
        turns=st.lists(turns(), min_size=1, max_size=2).map(tuple),
    )


def for_all(number: int, count: int, lived: Callable[[Life], None], *, shrink: bool = True) -> None:
    """Try `count` lives, the same ones for the same `number`; the smallest that fails is shown."""

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        report_multiple_bugs=False,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(lives())
    def run(life: Life) -> None:
        lived(life)

    run()
