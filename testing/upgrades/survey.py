"""Survey: change versions, find failures, and find the versions that cause them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from copperplate.errors import BrokenError
from testing.upgrades.culprits import culprits


@dataclass(frozen=True)
class Change:
    """Change of a package's version; None if the package is not in that lock."""

    before: str
    after: str


@dataclass(frozen=True)
class Failure:
    where: str
    level: str
    output: str


Trial = Callable[[frozenset[str]], tuple[Failure, ...]]
"""Function that changes only the named packages, and returns the failures."""


@dataclass(frozen=True)
class Survey:
    changes: Mapping[str, Change]
    failures: tuple[Failure, ...]
    unsteady: tuple[Failure, ...]
    """Levels that failed once, and not again with the same versions; the versions are not the cause."""

    culprits: tuple[frozenset[str], ...]
    """Packages that must keep their version. Those of one set fail only together."""

    trials: int

    @property
    def good(self) -> bool:
        return not self.failures


@dataclass(eq=False, kw_only=True)
class FailsAnywayError(BrokenError):
    """Checks fail with the versions of the lock as well."""

    failures: tuple[Failure, ...]


def survey(changes: Mapping[str, Change], trial: Trial) -> Survey:
    """Try all changes at once, and parts of them only if something fails twice. Without changes, nothing is tried."""
    everything = frozenset(changes)
    if not everything:
        return Survey(changes, (), (), (), 0)
    tried = 1
    once = trial(everything)

    @cache
    def failures(names: frozenset[str]) -> tuple[Failure, ...]:
        nonlocal tried
        tried += 1
        return trial(names)

    failed = failures(everything) if once else ()
    if failed and (also := failures(frozenset())):
        raise FailsAnywayError(
            f"{_told(also)} fails with the versions of the lock as well",
            f"fix that, or try again on a machine that is less busy\n{also[0].output}",
            failures=also,
        )
    found = culprits(everything, lambda names: bool(failures(names))) if failed else []
    seen = {(failure.where, failure.level) for failure in failed}
    unsteady = tuple(failure for failure in once if (failure.where, failure.level) not in seen)
    return Survey(changes, failed, unsteady, tuple(found), tried)


def _told(failures: tuple[Failure, ...]) -> str:
    return ", ".join(f"{failure.level} of {failure.where}" for failure in failures)
