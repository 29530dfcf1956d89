"""Names that follow from others: the singular of a plural, and a class from words."""

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "appendices": "appendix",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "analyses": "analysis",
    "bases": "basis",
    "crises": "crisis",
    "theses": "thesis",
    "diagnoses": "diagnosis",
    "lives": "life",
    "knives": "knife",
    "wives": "wife",
    "shelves": "shelf",
    "leaves": "leaf",
    "halves": "half",
    "wolves": "wolf",
    "loaves": "loaf",
    "thieves": "thief",
    "movies": "movie",
    "cookies": "cookie",
    "ties": "tie",
    "lies": "lie",
    "pies": "pie",
    "quizzes": "quiz",
    "aliases": "alias",
    "buses": "bus",
    "statuses": "status",
    "viruses": "virus",
    "campuses": "campus",
    "bonuses": "bonus",
    "censuses": "census",
    "heroes": "hero",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "echoes": "echo",
    "shoes": "shoe",
    "caches": "cache",
    "niches": "niche",
    "axes": "axis",
    "media": "medium",
}
_SIBILANT = ("sses", "shes", "ches", "xes", "zzes")
_NO_PLURAL = ("ss", "us", "is")


def singular(plural: str) -> str | None:
    """Return the singular of the last word; None if these rules do not know it as a plural."""
    head, separator, word = plural.rpartition("_")
    one = _word(word)
    return None if one is None else f"{head}{separator}{one}"


def pascal(words: str) -> str:
    """Return the words as the name of a class: `order_line` gives `OrderLine`."""
    return "".join(word[:1].upper() + word[1:] for word in words.split("_"))


def _word(word: str) -> str | None:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(_NO_PLURAL) or not word.endswith("s") or len(word) < len("abs"):
        return None
    if word.endswith("ies"):
        return word[: -len("ies")] + "y" if len(word) > len("ties") else word[:-1]
    if word.endswith(_SIBILANT):
        return word[: -len("es")]
    return word[:-1]
