"""Suggestions for a name that does not exist: the one that the user may have meant, and all that there are."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_NO_SYNONYMS: Mapping[str, str] = {}


def hint(name: str, known: Iterable[str], synonyms: Mapping[str, str] = _NO_SYNONYMS) -> str:
    """Suggest the name that is nearly `name`, or has a synonym that is, and list all names.

    `synonyms` are other words, in lower case, each with the name that it stands for.
    """
    names = list(known)
    meant = _meant(name.lower().replace("-", "_")[:80], names, synonyms)
    return "".join(f"did you mean {match}? " for match in meant) + f"there are: {', '.join(names)}"


def _meant(word: str, names: list[str], synonyms: Mapping[str, str]) -> list[str]:
    if word in synonyms:
        return [synonyms[word]]
    near = get_close_matches(word, names, n=1)
    return near or [synonyms[match] for match in get_close_matches(word, synonyms, n=1)]
