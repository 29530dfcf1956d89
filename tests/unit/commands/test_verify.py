from pathlib import Path

import pytest

from copperplate.commands.verify import verify
from copperplate.errors import ExitCode, RefusedError
from copperplate.progress import Silent


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is not a project") as refusal:
        verify(tmp_path, progress=Silent())
    assert refusal.value.exit_code is ExitCode.REFUSED


def test_a_project_is_verified_by_the_names_in_its_answers(tmp_path: Path) -> None:
    answers = {"_commit": "0.1.0", "_src_path": "x", "distribution_name": "acme-shop", "package_name": "acme_shop"}
    (tmp_path / ".copier-answers.yml").write_text("".join(f"{name}: {value}\n" for name, value in answers.items()))
    (tmp_path / "pyproject.toml").write_text("not TOML")
    result = verify(tmp_path, progress=Silent())
    assert [level.status.value for level in result.levels] == ["failed", *["skipped"] * 7]
    assert result.exit_code == 1
