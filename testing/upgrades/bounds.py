"""Lower bounds of a project's direct dependencies, in the text of its `pyproject.toml`."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from copperplate.errors import BrokenError

_SETTINGS = "[tool.uv]\n"


@dataclass(eq=False, kw_only=True)
class NoBoundError(BrokenError):
    requirement: str


def lower_bounds(pyproject: str) -> dict[str, str]:
    """Return the lower bounds by name. A dependency without one is refused, because uv could take any old version."""
    found: dict[str, str] = {}
    for requirement in _requirements(pyproject):
        bound = next((part.version for part in requirement.specifier if part.operator in {">=", "~=", "=="}), None)
        if bound is None:
            hint = "write one: the version that it was tested with"
            raise NoBoundError(f"{requirement} has no lower bound", hint, requirement=str(requirement))
        found[canonicalize_name(requirement.name)] = bound
    return found


def at_lowest(pyproject: str, locked: Mapping[str, str], lowered: Collection[str]) -> str:
    """Make uv take the lower bound of each `lowered` dependency, and the locked version of the others."""
    if _SETTINGS not in pyproject:
        pyproject += f"\n{_SETTINGS}"
    text = pyproject.replace(_SETTINGS, f'{_SETTINGS}resolution = "lowest-direct"\n', 1)
    for requirement in _requirements(pyproject):
        name = canonicalize_name(requirement.name)
        if name not in lowered and name in locked:
            newest = max(locked[name].split(" and "), key=Version)
            text = re.sub(rf'("{re.escape(requirement.name)}(\[[^]]*\])?(>=|~=|==))[^,;"]+', rf"\g<1>{newest}", text)
    return text


def _requirements(pyproject: str) -> Iterator[Requirement]:
    parsed = tomllib.loads(pyproject)
    groups = parsed.get("dependency-groups", {}).values()
    written = [*parsed["project"].get("dependencies", ()), *(entry for group in groups for entry in group)]
    yield from (Requirement(entry) for entry in written if isinstance(entry, str))
