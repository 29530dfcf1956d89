from dataclasses import dataclass

from tests.projects.faults.edits import Edit


@dataclass(frozen=True)
class Fault:
    name: str
    level: str
    """The first level that must see it: all before it must not."""

    says: str
    """Regular expression of the output of that level: it may not fail for another reason."""

    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ()
    """Of a fault that the project's own suite sees: the part of the suite in which it is seen."""

    reporter: str = ""
    """The program that tells of it and, in the same report, of all others that it finds."""

    relocked: bool = False
    """True if `uv lock` was run after the fault was made."""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")
