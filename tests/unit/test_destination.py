from pathlib import Path

import pytest

from copperplate import destination
from copperplate.errors.inputs import DestinationTakenError, UnusablePathError
from testing.errors import with_fields
from testing.signals import at_each_line


def _build(place: destination.Destination) -> None:
    (place.stage / "src").mkdir()
    (place.stage / "src" / "a.py").write_text("a")


def test_nothing_is_at_the_destination_until_land_is_called(tmp_path: Path) -> None:
    with destination.opened(tmp_path / "shop") as place:
        _build(place)
        assert not (tmp_path / "shop").exists()
        place.land()
        assert (tmp_path / "shop" / "src" / "a.py").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_failure_after_land_removes_everything(exists: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    if exists:
        (tmp_path / "shop").mkdir()
    with pytest.raises(LookupError):
        _land_and_fail(tmp_path / "shop")
    assert (tmp_path / "shop").exists() is exists
    assert [path for path in tmp_path.rglob("*") if path.name != "shop"] == []


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.long), 11])
@pytest.mark.parametrize("exists", [True, False])
def test_a_signal_at_any_line_leaves_all_or_nothing(exists: bool, every: int, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    project = tmp_path / "shop"

    def make() -> None:
        with destination.opened(project) as place:
            (place.stage / "a.py").touch()
            place.land()

    interrupted = []
    if exists:
        project.mkdir()
    for is_interrupted in at_each_line(make, every):
        interrupted.append(is_interrupted)
        made = [] if is_interrupted else ["a.py"]
        assert project.exists() is (exists or not is_interrupted)
        assert [path.name for path in tmp_path.rglob("*") if path != project] == made, len(interrupted)
        if made:
            (project / "a.py").unlink()
            if not exists:
                project.rmdir()
    assert interrupted.count(True) > 20


def _land_and_fail(path: Path) -> None:
    with destination.opened(path) as place:
        _build(place)
        place.land()
        (path / ".venv").mkdir()
        raise LookupError


def _land_beside(theirs: Path) -> None:
    with destination.opened(theirs.parent) as place:
        _build(place)
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_text("theirs")
        place.land()


def test_a_second_run_is_refused_and_the_first_continues(tmp_path: Path) -> None:
    with pytest.raises(DestinationTakenError):
        _land_beside(tmp_path / "shop" / "theirs")
    assert [path.name for path in tmp_path.rglob("*")] == ["shop", "theirs"]


def test_a_file_that_appears_in_an_empty_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    with pytest.raises(DestinationTakenError):
        _land_beside(tmp_path / "shop" / "src")
    assert (tmp_path / "shop" / "src").read_text() == "theirs"
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["src"]


def test_a_second_run_into_the_same_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    with destination.opened(tmp_path / "shop") as first:
        with pytest.raises(DestinationTakenError), destination.opened(tmp_path / "shop"):
            pass
        assert first.stage.is_dir()


def test_a_stage_in_use_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destination, "_ABANDONED_AFTER_SECONDS", -1)
    with destination.opened(tmp_path / "shop") as first:
        with destination.opened(tmp_path / "shop"):
            assert first.stage.is_dir()
        assert first.stage.is_dir()


@pytest.mark.parametrize("given", [".", "..", "a/../b", "~", "a b", "ü"])
def test_a_destination_is_made_absolute(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "x" / "a")
    if given == "..":
        with pytest.raises(DestinationTakenError):
            destination.checked(given)
    else:
        assert destination.checked(given).is_absolute()


@pytest.mark.parametrize("given", ["a:b", "a:b/c", "a\nb", "a\x1bb", "a\udcffb"])
def test_a_path_that_breaks_virtual_environments_is_refused(given: str) -> None:
    with pytest.raises(UnusablePathError):
        destination.checked(given)


def test_the_next_run_removes_the_stage_of_a_killed_run_in_a_folder(tmp_path: Path) -> None:
    stage = tmp_path / "shop" / ".copperplate-new"
    stage.mkdir(parents=True)
    (stage / "half").write_text("half")
    with destination.opened(destination.checked(str(tmp_path / "shop"))) as place:
        _build(place)
        place.land()
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["src"]


def test_the_repository_that_a_killed_run_had_moved_is_restored(tmp_path: Path) -> None:
    before = tmp_path / "shop" / ".copperplate-new" / ".git-before"
    before.mkdir(parents=True)
    (before / "HEAD").write_text("ref: refs/heads/mine\n")
    with destination.opened(destination.checked(str(tmp_path / "shop"))) as place:
        assert (place.stage / ".git" / "HEAD").read_text() == "ref: refs/heads/mine\n"
    assert (tmp_path / "shop" / ".git" / "HEAD").exists()


@pytest.mark.parametrize(
    ("name", "hint"), [(".copier-answers.yml", "`uv sync`"), (".copperplate-new", "killed"), ("a", "not exist yet")]
)
def test_the_hint_names_the_existing_content(name: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    (tmp_path / name).touch()
    with pytest.raises(DestinationTakenError, check=with_fields(path=tmp_path)) as refused:
        destination.checked(str(tmp_path))
    assert hint in refused.value.hint
