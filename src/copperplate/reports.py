"""The files that a run of checks is asked to write: tried before the checks, which take minutes, and written after."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors import InputError, RefusedError
from copperplate.verify.report import Suite, junit, markdown


@dataclass(frozen=True, slots=True)
class Reports:
    junit: Path | None = None
    summary: Path | None = None

    def check(self) -> None:
        """Raise `InputError` where one of them could not be written."""
        for path in self._paths():
            there = path.exists()
            try:
                with path.open("a"):
                    pass
            except OSError as error:
                raise InputError(
                    f"{path} cannot be written: {error.strerror}", "name a file in a folder that is there"
                ) from error
            if not there:
                path.unlink()

    def write(self, suites: Sequence[Suite], *, title: str) -> None:
        """Write the JUnit XML, and append the Markdown, for CI services collect it of several steps in one file."""
        try:
            if self.junit is not None:
                self.junit.write_text(junit(suites), encoding="utf-8")
            if self.summary is not None:
                with self.summary.open("a", encoding="utf-8") as file:
                    file.write(markdown(suites, title=title))
        except OSError as error:
            raise RefusedError(
                f"{error.filename or 'a report'} cannot be written: {error.strerror}", "make room, and run it again"
            ) from error

    def _paths(self) -> list[Path]:
        return [path for path in (self.junit, self.summary) if path is not None]
