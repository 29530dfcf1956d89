"""Changelog, `CHANGELOG.md`, in the form of Keep a Changelog."""

UNRELEASED = "## [Unreleased]"


def unreleased(text: str) -> str:
    """Return the text under "Unreleased", which may be empty."""
    _, found, after = text.partition(f"{UNRELEASED}\n")
    return after.partition("\n## [")[0].strip() if found else ""


def released(text: str, version: str, date: str) -> str:
    """Return `text` with the unreleased changes under `version`, and an empty "Unreleased" above."""
    return text.replace(f"{UNRELEASED}\n", f"{UNRELEASED}\n\n## [{version}] - {date}\n", 1)
