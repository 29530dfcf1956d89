"""`CHANGELOG.md`, in the form of Keep a Changelog."""

UNRELEASED = "## [Unreleased]"


def unreleased(text: str) -> str:
    """What has been written under "Unreleased"; empty where nothing has."""
    _, found, after = text.partition(f"{UNRELEASED}\n")
    return after.partition("\n## [")[0].strip() if found else ""


def released(text: str, version: str, date: str) -> str:
    """`text` with the unreleased changes under `version`, and room for new ones above."""
    return text.replace(f"{UNRELEASED}\n", f"{UNRELEASED}\n\n## [{version}] - {date}\n", 1)
