import json
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.verify import chosen, verify
from copperplate.errors import ExitCode, InputError, RefusedError
from copperplate.progress import Silent
from tests.conftest import Ran


def test_a_folder_that_is_not_a_project_is_refused(tmp_path: Path) -> None:
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
    assert [level.status.value for level in result.levels] == ["failed", *["skipped"] * 8]
    assert result.exit_code == 1


def test_reports_are_also_written_after_a_failure(broken_project: Path, copperplate: Callable[..., Ran]) -> None:
    junit, summary = broken_project / "out.xml", broken_project / "out.md"
    assert copperplate("verify", broken_project, "--junit", junit, "--summary", summary).code == 1
    assert 'failures="1" skipped="8"' in junit.read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8").startswith("## acme-shop: failed\n")


def test_a_report_that_cannot_be_written_is_refused_before_anything_runs(
    broken_project: Path, copperplate: Callable[..., Ran]
) -> None:
    ran = copperplate("verify", broken_project, "--junit", broken_project / "nowhere" / "out.xml")
    assert (ran.code, ran.stdout) == (2, "")
    assert "out.xml cannot be written: No such file or directory" in ran.complaint[0]
    assert len(ran.complaint) == 2


@pytest.mark.parametrize(
    ("only", "skip", "expected"),
    [
        ((), ("tests", "boot"), ["lock", "install", "format", "lint", "types", "migrations", "isolation"]),
        (("tests", "lint"), (), ["lint", "tests"]),
        (("tests,lint",), ("lint",), ["tests"]),
    ],
)
def test_checks_are_chosen_by_name_and_run_in_their_order(
    only: tuple[str, ...], skip: tuple[str, ...], expected: list[str]
) -> None:
    assert [check.name for check in chosen(only, skip)] == expected


def test_an_unknown_check_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="there is no check 'test'") as refused:
        chosen((), ("test",))
    assert refused.value.hint.startswith("did you mean tests? there are: lock, install, ")
    with pytest.raises(InputError, match="leave no check"):
        chosen(("lint",), ("lint",))


def test_only_the_chosen_checks_are_run_and_listed(broken_project: Path, copperplate: Callable[..., Ran]) -> None:
    ran = copperplate("verify", "--project", broken_project, "--only", "lock", "--json")
    assert ran.code == ExitCode.FAILED
    assert [level["name"] for level in json.loads(ran.stdout)["levels"]] == ["lock"]
