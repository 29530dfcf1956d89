"""What is verified."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    path: Path
    """The project's folder, absolute."""

    package: str
    """The name that Python imports."""

    command: str
    """The project's own command, which is its distribution's name."""

    tools: Path | None = None
    """A virtual environment whose programs look at the project, instead of the one that the project has itself."""
