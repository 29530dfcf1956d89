"""What somebody may have meant who wrote a name that there is not."""

from collections.abc import Iterable
from difflib import get_close_matches


def hint(name: str, known: Iterable[str]) -> str:
    """All names there are, and before them the one that is nearly `name`, if one is."""
    names = list(known)
    meant = get_close_matches(name.lower().replace("-", "_")[:80], names, n=1)
    return "".join(f"did you mean {match}? " for match in meant) + f"there are: {', '.join(names)}"
