import errno
from pathlib import Path

import pytest

from copperplate.errors.inputs import ReportFileError, ReportWriteError
from copperplate.verify import LevelResult, Status, VerifyResult
from copperplate.verify.results import Reports, Suite
from testing.errors import with_fields

SUITE = Suite("shop", VerifyResult((LevelResult("lock", Status.PASSED, 0.1, "", ""),)), "passed", 0.1)


def test_only_requested_reports_are_written(tmp_path: Path) -> None:
    Reports(summary=tmp_path / "out.md").write([SUITE], title="Shop")
    assert [path.name for path in tmp_path.iterdir()] == ["out.md"]


def test_checking_leaves_no_file_and_changes_none(tmp_path: Path) -> None:
    kept = tmp_path / "kept.md"
    kept.write_text("kept")
    Reports(tmp_path / "out.xml", kept).check()
    assert kept.read_text() == "kept"
    assert not (tmp_path / "out.xml").exists()


def test_a_summary_is_added_to_what_is_there_and_junit_replaces_it(tmp_path: Path) -> None:
    reports = Reports(tmp_path / "out.xml", tmp_path / "out.md")
    for _ in range(2):
        reports.write([SUITE], title="Shop")
    assert (tmp_path / "out.md").read_text(encoding="utf-8").count("## Shop") == 2
    assert (tmp_path / "out.xml").read_text(encoding="utf-8").count("<testsuite ") == 1


@pytest.mark.parametrize("name", ["no-such-folder/out.xml", "."])
def test_a_file_that_cannot_be_written_is_reported_first(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, check=with_fields(file=tmp_path / name)):
        Reports(junit=tmp_path / name).check()


def test_a_file_that_can_no_longer_be_written_is_reported() -> None:
    with pytest.raises(ReportWriteError, check=with_fields(errno=errno.ENOSPC)):
        Reports(junit=Path("/dev/full")).write([SUITE], title="Shop")
