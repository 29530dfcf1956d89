"""Cache of mypy, which one verification of a checkout leaves to the next one of the same project."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from copperplate import verify
from copperplate.update.result import State
from copperplate.verify import LevelResult, Status, Target, VerifyResult
from testing.worlds import World


class Mypy:
    """Stand-in for a verification: it reads the cache of mypy as it finds it, and writes what it knows now."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.status = Status.PASSED

    def __call__(self, target: Target, **_: object) -> VerifyResult:
        file = target.path / ".mypy_cache" / "3.12" / "cache.db"
        self.found.append(file.read_text() if file.exists() else "")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"run {len(self.found)}")
        return VerifyResult((LevelResult("types", self.status, 0.0, "", "mypy"),))


@pytest.fixture
def mypy(monkeypatch: pytest.MonkeyPatch) -> Mypy:
    found = Mypy()
    monkeypatch.setattr(verify, "run_levels", found)
    return found


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COPPERPLATE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shop(world: World, cache: Path) -> World:
    for version in ("1.0", "2.0", "3.0", "4.0"):
        world.release(version, {"a.txt": f"{version}\n"})
    world.print("1.0")
    assert not cache.exists()
    return world


def update(world: World, version: str) -> State:
    return world.update(to=version, verify=True, lock=False).state


def test_the_next_verification_has_the_cache_of_the_one_before(shop: World, mypy: Mypy, cache: Path) -> None:
    assert [update(shop, version) for version in ("2.0", "3.0")] == [State.LANDED] * 2
    assert mypy.found == ["", "run 1"]
    assert [file.suffix for file in (cache / "mypy").iterdir()] == [".zip"]
    assert not (shop.project / ".mypy_cache").exists()
    assert shop.status() == ""


def test_a_failed_verification_leaves_no_cache(shop: World, mypy: Mypy, cache: Path) -> None:
    mypy.status = Status.FAILED
    assert update(shop, "2.0") is State.RED
    assert not (cache / "mypy").exists()


def test_another_project_has_a_cache_of_its_own(
    shop: World, mypy: Mypy, make_world: Callable[..., World], tmp_path: Path
) -> None:
    update(shop, "2.0")
    shop.top.rename(tmp_path / "moved")
    other = make_world()
    other.versions = shop.versions
    other.print("1.0")
    other.top = other.project = other.top.rename(tmp_path / "other")
    update(other, "2.0")
    assert mypy.found == ["", ""]


def test_a_damaged_cache_is_ignored(shop: World, mypy: Mypy, cache: Path) -> None:
    update(shop, "2.0")
    (kept,) = (cache / "mypy").iterdir()
    with ZipFile(kept, "w") as archive:
        archive.writestr("3.12/cache.db", "run 1")
    kept.write_bytes(kept.read_bytes().replace(b"run 1", b"run 7"))
    assert update(shop, "3.0") is State.LANDED
    kept.write_bytes(b"this is no zip file")
    assert update(shop, "4.0") is State.LANDED
    assert mypy.found == ["", "", ""]


def test_a_cache_that_cannot_be_written_stops_no_update(shop: World, mypy: Mypy, cache: Path) -> None:
    cache.write_text("a file, and no folder")
    assert [update(shop, version) for version in ("2.0", "3.0")] == [State.LANDED] * 2
    assert mypy.found == ["", ""]
