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

    @property
    def servers(self) -> str:
        """The module that runs private servers; until 0.9.0 it was inside the package."""
        inside = self.path / "src" / self.package / "dev" / "__main__.py"
        return f"{self.package}.dev" if inside.exists() else f"{self.package}_dev"
