from dataclasses import dataclass

from tests.projects.faults.edits import Edit


@dataclass(frozen=True)
class Fault:
    name: str
    level: str
    """The first level that must see it: all before it must not."""

    says: str
    """What that level then says, as a regular expression: it may not fail for another reason."""

    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ()
    """Of a fault that the project's own suite sees: the part of the suite in which it is seen."""

    reporter: str = ""
    """The program that tells of it and, in the same report, of all others that it finds."""

    relocked: bool = False
    """Whether whoever made the fault has run `uv lock` after it."""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")
