import signal
from pathlib import Path

import pytest

from copperplate import interrupts, temporary


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_the_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with temporary.folder() as folder:
        (folder / "a").write_text("a")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_it_is_made_or_removed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for method in ("__init__", "cleanup"):
        with monkeypatch.context() as patched:
            _signal_before(method, patched)
            with pytest.raises(interrupts.Interrupted), interrupts.raised():
                _use()
        assert list(tmp_path.iterdir()) == []


def _signal_before(method: str, patched: pytest.MonkeyPatch) -> None:
    import tempfile  # noqa: PLC0415 - what is patched

    original = getattr(tempfile.TemporaryDirectory, method)

    def interrupted(*arguments: object, **options: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        original(*arguments, **options)

    patched.setattr(tempfile.TemporaryDirectory, method, interrupted)


def _use() -> None:
    with temporary.folder() as folder:
        (folder / "a").write_text("a")
