import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.system import disk
from testing.errors import with_fields

GIVEN: list[Callable[[Path, Path], None]] = [disk.link]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "source"
    file.write_bytes(b"held")
    return file


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Path without a file."""
    return tmp_path / "target"


def refuse(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.parametrize("give", GIVEN)
@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV])
def test_on_a_file_system_without_hard_links_the_content_is_copied(
    give: Callable[[Path, Path], None], code: int, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(code, monkeypatch)
    give(source, target)
    assert target.read_bytes() == b"held"


@pytest.mark.parametrize("give", GIVEN)
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.EEXIST])
def test_any_other_failure_is_raised_and_nothing_is_copied(
    give: Callable[[Path, Path], None], code: int, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(code, monkeypatch)
    with pytest.raises(OSError, check=with_fields(errno=code)):
        give(source, target)
    assert not target.exists()


def test_an_existing_file_is_never_replaced(source: Path, target: Path) -> None:
    target.write_bytes(b"old")
    for give in GIVEN:
        with pytest.raises(FileExistsError):
            give(source, target)
    assert target.read_bytes() == b"old"


def test_two_files_are_swapped_in_one_step(source: Path, target: Path) -> None:
    target.write_bytes(b"other")
    assert disk.exchange(source, target)
    assert (source.read_bytes(), target.read_bytes()) == (b"other", b"held")


def test_a_swap_with_a_missing_file_fails(source: Path, target: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.exchange(source, target)
    assert source.read_bytes() == b"held"
