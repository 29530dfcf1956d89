from pathlib import Path

import pytest

from copperplate import project
from copperplate.errors import ExitCode
from copperplate.errors.inputs import DamagedAnswersError, NoProjectError
from testing.errors import with_fields

GOOD = """\
_commit: 1.2.0
_src_path: git+copperplate://template
distribution_name: acme-shop
package_name: acme_shop
example: true
"""


def _project(folder: Path, answers: str) -> Path:
    (folder / ".copier-answers.yml").write_text(answers)
    return folder


def test_a_project_is_recognised_by_its_answers_file(tmp_path: Path) -> None:
    found = project.load(_project(tmp_path, GOOD))
    assert (found.distribution_name, found.package_name) == ("acme-shop", "acme_shop")
    assert (found.template_version, found.template_source) == ("1.2.0", "git+copperplate://template")
    assert found.answers["example"] is True


def test_any_other_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoProjectError, check=with_fields(root=tmp_path)) as refused:
        project.load(tmp_path)
    assert refused.value.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "- a",
        "a: [",
        "a: !!python/object:os.system {}",
        GOOD.replace("1.2.0", "--upload-pack=touch x"),
        GOOD.replace("1.2.0", "[1]"),
        GOOD.replace("git+copperplate://template", "{a: b}"),
        GOOD.replace("acme_shop", "../shop"),
        GOOD.replace("acme-shop", "-rf"),
        GOOD + "x: " + "y" * 70_000,
    ],
)
def test_damaged_answers_are_refused(answers: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedAnswersError):
        project.load(_project(tmp_path, answers))


def test_a_folder_in_the_place_of_the_answers_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".copier-answers.yml").mkdir()
    with pytest.raises(NoProjectError):
        project.load(tmp_path)
