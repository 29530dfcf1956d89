from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.verify import verify
from copperplate.errors import ExitCode, RefusedError
from copperplate.progress import Silent
from tests.conftest import Ran


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is not a project") as refusal:
        verify(tmp_path, progress=Silent())
    assert refusal.value.exit_code is ExitCode.REFUSED


@pytest.fixture
def broken_project(tmp_path: Path) -> Path:
    """A project that is one, but whose first level fails."""
    answers = {"_commit": "0.1.0", "_src_path": "x", "distribution_name": "acme-shop", "package_name": "acme_shop"}
    (tmp_path / ".copier-answers.yml").write_text("".join(f"{name}: {value}\n" for name, value in answers.items()))
    (tmp_path / "pyproject.toml").write_text("not TOML")
    return tmp_path


def test_a_project_is_verified_by_the_names_in_its_answers(broken_project: Path) -> None:
    result = verify(broken_project, progress=Silent())
    assert [level.status.value for level in result.levels] == ["failed", *["skipped"] * 7]
    assert result.exit_code == 1


def test_reports_are_written_of_a_failure_too(broken_project: Path, copperplate: Callable[..., Ran]) -> None:
    junit, summary = broken_project / "out.xml", broken_project / "out.md"
    assert copperplate("verify", broken_project, "--junit", junit, "--summary", summary).code == 1
    assert 'failures="1" skipped="7"' in junit.read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8").startswith("## acme-shop: failed\n")


def test_a_report_that_cannot_be_written_is_refused_before_anything_runs(
    broken_project: Path, copperplate: Callable[..., Ran]
) -> None:
    ran = copperplate("verify", broken_project, "--junit", broken_project / "nowhere" / "out.xml")
    assert (ran.code, ran.stdout) == (2, "")
    assert "out.xml cannot be written: No such file or directory" in ran.complaint[0]
    assert len(ran.complaint) == 2
