"""Results of a verification as plain values, and reports of them: JUnit XML, and Markdown for a CI service."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree as ET

from copperplate.errors.inputs import ReportFileError, ReportWriteError


@dataclass(frozen=True, slots=True)
class Target:
    path: Path
    """The project's folder, absolute."""
    package: str
    """Package name for imports."""
    command: str
    """Name of the project's own command, which is the distribution's name."""
    tools: Path | None = None
    """Virtual environment whose programs check the project, in place of the project's own."""

    @property
    def servers(self) -> str:
        """Return the module that runs private servers; until 0.9.0 it was inside the package."""
        inside = self.path / "src" / self.package / "dev" / "__main__.py"
        return f"{self.package}.dev" if inside.exists() else f"{self.package}_dev"


TAIL_LINES = 60
TAIL_WIDTH = 500
"""Length limit of a line: a traceback in a JSON log is one line with thousands of characters."""


SLOWEST = 3
"""Number of checks, and of tests, in a summary."""
SLOW = 1.0
"""Seconds from which a check is named."""
_DURATION = re.compile(r"^([\d.]+)s (?:call|setup|teardown) +(\S.*?) *$", re.MULTILINE)
"""Line of pytest's list of the slowest tests."""


class CheckFailed(Exception):  # noqa: N818 - an outcome of the project, not an error of this program
    """Raised if a check of the project does not pass. The text says why, if no program has printed that."""


class TimedOut(CheckFailed):
    """Raised if a program of a check has not ended in time, and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped, since it had not ended after {seconds:g} s")
        self.seconds = seconds


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run, because a level that it needs has not passed, or because the project does not need it."""


@dataclass(frozen=True, slots=True)
class LevelResult:
    name: str
    status: Status
    seconds: float
    output: str
    """Output of the level's programs, in order; for a skipped level, the reason."""
    command: str
    """Commands that were run, as typed in the project's folder; none for a skipped level."""

    @property
    def tail(self) -> str:
        """Return the end of the output, which shows the error, in lines that fit a terminal."""
        return "\n".join(line[:TAIL_WIDTH] for line in self.output.splitlines()[-TAIL_LINES:])


@dataclass(frozen=True, slots=True)
class Duration:
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VerifyResult:
    levels: tuple[LevelResult, ...]

    @property
    def slowest(self) -> tuple[Duration, ...]:
        run = [Duration(level.name, level.seconds) for level in self.levels if level.seconds >= SLOW]
        return tuple(sorted(run, key=lambda found: -found.seconds)[:SLOWEST])

    @property
    def slowest_tests(self) -> tuple[Duration, ...]:
        """Return the slowest tests, from pytest's list."""
        output = "".join(level.output for level in self.levels if level.name == "tests")
        longest: dict[str, float] = {}
        for seconds, name in _DURATION.findall(output):  # the list may have a test twice, with its setup
            longest.setdefault(name, float(seconds))
        return tuple(Duration(name, seconds) for name, seconds in longest.items())[:SLOWEST]

    @property
    def passed(self) -> bool:
        return not any(level.status is Status.FAILED for level in self.levels)

    @property
    def exit_code(self) -> int:
        return 0 if self.passed else 1

    @property
    def seconds(self) -> float:
        """Return the seconds of all levels together, although some run at the same time."""
        return sum(level.seconds for level in self.levels)


_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that a program may print and XML 1.0 does not allow."""


_MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.SKIPPED: "–"}


@dataclass(frozen=True, slots=True)
class Suite:
    name: str
    result: VerifyResult
    outcome: str
    seconds: float


def junit(suites: Iterable[Suite]) -> str:
    """Write a suite for each project and a case for each level; a skipped case has its reason."""
    root = ET.Element("testsuites", name="copperplate verify")
    for suite in suites:
        levels = suite.result.levels
        element = ET.SubElement(root, "testsuite", name=suite.name, tests=str(len(levels)), errors="0")
        for name, status in (("failures", Status.FAILED), ("skipped", Status.SKIPPED)):
            element.set(name, str(sum(level.status is status for level in levels)))
        element.set("time", f"{suite.seconds:.3f}")
        for level in levels:
            _case(element, suite.name, level)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: ET.Element, name: str, level: LevelResult) -> None:
    case = ET.SubElement(suite, "testcase", classname=name, name=level.name, time=f"{level.seconds:.3f}")
    if level.status is Status.SKIPPED:
        ET.SubElement(case, "skipped", message=_clean(level.output))
    if level.status is Status.FAILED:
        last = (level.output.splitlines() or [""])[-1]
        failure = ET.SubElement(case, "failure", message=_clean(last))
        failure.text = _clean(f"{level.command}\n{level.output}")


def markdown(suites: Sequence[Suite], *, title: str) -> str:
    """Write a table of the seconds of all levels, a line for each project, and below it the end of failed outputs."""
    names = list(dict.fromkeys(level.name for suite in suites for level in suite.result.levels))
    lines = [f"## {title}", "", _line(["project", *names, "result", "seconds"]), _line(["---"] * (len(names) + 3))]
    for suite in suites:
        levels = {level.name: level for level in suite.result.levels}
        cells = [_cell(levels.get(name)) for name in names]
        lines.append(_line([f"`{suite.name}`", *cells, suite.outcome, f"{suite.seconds:.0f}"]))
    failed = [(suite, level) for suite in suites for level in suite.result.levels if level.status is Status.FAILED]
    for suite, level in failed:
        lines += ["", f"<details><summary>{suite.name}: {level.name}</summary>", "", *_quoted(level), "", "</details>"]
    return "\n".join((*lines, ""))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(level: LevelResult | None) -> str:
    if level is None or level.status is Status.SKIPPED:
        return _MARKS[Status.SKIPPED]
    return f"{_MARKS[level.status]} {level.seconds:.1f}"


def _quoted(level: LevelResult) -> list[str]:
    said = _clean(level.tail)
    fence = "`" * (max((len(run) for run in re.findall("`+", said)), default=2) + 1)
    return [f"{fence:`<3}", *said.splitlines(), f"{fence:`<3}"]


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class Reports:
    junit: Path | None = None
    summary: Path | None = None

    def check(self) -> None:
        """Raise `InputError` if one of the files could not be written."""
        for path in filter(None, (self.junit, self.summary)):
            there = path.exists()
            try:
                with path.open("a"):
                    pass
            except OSError as error:
                what, hint = f"{path} cannot be written: {error.strerror}", "name a file in a folder that exists"
                raise ReportFileError(what, hint, file=path) from error
            if not there:
                path.unlink()

    def write(self, suites: Sequence[Suite], *, title: str) -> None:
        """Write the JUnit XML, and append the Markdown, because CI services collect several steps in one file."""
        try:
            if self.junit is not None:
                self.junit.write_text(junit(suites), encoding="utf-8")
            if self.summary is not None:
                with self.summary.open("a", encoding="utf-8") as file:
                    file.write(markdown(suites, title=title))
        except OSError as error:
            what = f"{error.filename or 'a report'} cannot be written: {error.strerror}"
            raise ReportWriteError(what, "make room, and run it again", errno=error.errno) from error
