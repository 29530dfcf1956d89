import sys
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.errors.inputs import PythonTooOldError, UnknownPythonError
from testing.errors import with_fields

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.parametrize(("request_", "minor"), [("3.13", "3.13"), ("3.12.1", "3.12"), (sys.executable, HERE)])
def test_a_request_stands_for_a_minor_version(request_: str, minor: str) -> None:
    assert uv.choose_python(request_, floor="3.11") == minor


@pytest.mark.parametrize("request_", ["3.11", "3.11.9", sys.executable])
def test_a_python_below_the_floor_is_refused(request_: str) -> None:
    with pytest.raises(PythonTooOldError, check=with_fields(floor="3.99")):
        uv.choose_python(request_, floor="3.99")


@pytest.mark.parametrize("request_", ["nonsense", "/nowhere", "--version", "-h", "--system", "", " ", "3.99"])
def test_a_program_that_is_not_python_is_refused(request_: str) -> None:
    with pytest.raises(UnknownPythonError):
        uv.choose_python(request_, floor="3.12")


def test_a_python_that_uv_can_download_is_accepted_for_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    other = "3.13" if HERE != "3.13" else "3.14"
    assert uv.choose_python(other, floor="3.12") == other
    with pytest.raises(UnknownPythonError, check=with_fields(request=other)):
        uv.choose_python(other, floor="3.12", download=False)
