"""Strategies for random histories of projects: the actions of users and templates, in order."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from testing.simulation import repositories, resolving, template_model, user_actions
from testing.simulation.actions import Act, Life, Turn

_WISHES = ("update", "update", "update", "update and set", "flip", "flip", "set", "rename")


@dataclass(frozen=True, slots=True)
class Kind:
    """Kind of history: the actions that may occur."""

    template: tuple[str, ...] = template_model.VERBS
    work: tuple[str, ...] = user_actions.WORK
    loose: tuple[str, ...] = user_actions.LOOSE
    meanwhile: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def __add__(self, other: "Kind") -> "Kind":
        names = [field.name for field in fields(self)]
        return Kind(**{name: (*getattr(self, name), *getattr(other, name)) for name in names})


KINDS = {
    "edits": Kind(),
    "moves": Kind(template=template_model.MOVES, work=user_actions.MOVES),
    "lists": Kind(template=("depend", "depend", "edit"), work=("depend", "depend", "insert"), loose=()),
    "names and modes": Kind(work=(*user_actions.ODD, "change", "insert"), loose=(*user_actions.LOOSE, "empty_folder")),
    "resolving": Kind(work=("change", "cut", "insert", "crlf", "delete", "mode"), meanwhile=resolving.VERBS),
    "settings": Kind(settings=repositories.SETTINGS),
}
KINDS["everything"] = sum(KINDS.values(), start=Kind())


def acts(verbs: tuple[str, ...]) -> SearchStrategy[Act]:
    return st.builds(
        Act,
        st.sampled_from(verbs),
        file=st.integers(0, 11),
        line=st.integers(0, 20),
        size=st.integers(1, 3),
        other=st.integers(0, 4),
    )


def turns(kind: Kind) -> SearchStrategy[Turn]:
    return st.builds(
        Turn,
        work=st.lists(acts(kind.work), min_size=1, max_size=8).map(tuple),
        loose=st.lists(acts(kind.loose), max_size=2).map(tuple) if kind.loose else st.just(()),
        request=acts(_WISHES),
        dry=st.booleans(),
        steps=st.booleans(),
        resolve=st.booleans(),
        meanwhile=st.lists(acts(kind.meanwhile), min_size=1, max_size=3).map(tuple) if kind.meanwhile else st.just(()),
    )


def lives(kind: Kind) -> SearchStrategy[Life]:
    version = st.lists(acts(kind.template), min_size=1, max_size=4).map(tuple)
    settings = st.lists(st.sampled_from(kind.settings), max_size=2, unique=True).map(tuple)
    return st.builds(
        Life,
        versions=st.lists(version, min_size=1, max_size=4).map(tuple),
        turns=st.lists(turns(kind), min_size=1, max_size=2).map(tuple),
        settings=settings if kind.settings else st.just(()),
        extra=st.booleans(),
    )


def for_all(number: int, count: int, lived: Callable[[Life], None], *, kind: str, shrink: bool = True) -> None:
    """Try `count` histories of a kind, the same ones for the same `number`; the smallest failing one is shown."""

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        report_multiple_bugs=False,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(lives(KINDS[kind]))
    def run(life: Life) -> None:
        lived(life)

    run()
