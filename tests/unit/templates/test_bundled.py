from pathlib import Path

import pytest

from copperplate.errors import BrokenError, InputError
from copperplate.system.disk import File, write_files
from copperplate.templates import bundled
from testing import history_stream
from testing.errors import with_fields
from testing.history_stream import VersionError

FIRST = {"copier.yml": File(0o644, b"a: 1\n"), "template/{{ x }}/run me.sh": File(0o755, b"echo\n")}
SECOND = {"copier.yml": File(0o644, b"a: 2"), "template/empty": File(0o644, b"")}


@pytest.fixture
def stream() -> bytes:
    return history_stream.appended(history_stream.appended(b"", "0.1.0", FIRST, epoch=0), "0.2.0", SECOND, epoch=86400)


def test_every_release_is_read_with_its_files_and_modes(stream: bytes) -> None:
    first, second = bundled.parse(stream)
    assert (first.version, dict(first.files)) == ("0.1.0", FIRST)
    assert (second.version, dict(second.files)) == ("0.2.0", SECOND)


def test_a_release_is_written_into_a_folder(stream: bytes, tmp_path: Path) -> None:
    write_files(next(bundled.parse(stream)).files, tmp_path)
    script = tmp_path / "template" / "{{ x }}" / "run me.sh"
    assert script.read_bytes() == b"echo\n"
    assert script.stat().st_mode & 0o777 == 0o755


def test_a_release_only_appends(stream: bytes) -> None:
    assert history_stream.appended(stream, "0.3.0", FIRST, epoch=0).startswith(stream)


def test_a_released_version_is_not_released_again(stream: bytes) -> None:
    with pytest.raises(VersionError, check=with_fields(version="0.1.0", fault="released")):
        history_stream.appended(stream, "0.1.0", SECOND, epoch=0)


@pytest.mark.parametrize("version", ["v1.0", "1.0-beta", "", "latest", "1.0+local"])
def test_a_version_that_is_not_plain_is_refused(version: str) -> None:
    with pytest.raises(VersionError, check=with_fields(version=version, fault="not plain")):
        history_stream.appended(b"", version, FIRST, epoch=0)


def test_only_the_last_release_can_be_taken_back(stream: bytes) -> None:
    with pytest.raises(VersionError, check=with_fields(version="0.1.0", fault="not last")):
        history_stream.without_last(stream, "0.1.0")
    assert history_stream.without_last(stream, "0.2.0") == history_stream.appended(b"", "0.1.0", FIRST, epoch=0)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a//b", ".git/config", "a\\b", "C:/x", "", "./a"])
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str) -> None:
    line = f'commit refs/heads/main\ncommitter a <b> 0 +0000\ndata 0\nM 100644 inline "{path}"\ndata 0\n\n'
    with pytest.raises(BrokenError):
        list(bundled.parse(line.encode()))


@pytest.mark.parametrize("cut", [1, 50, 100, 200])
def test_a_truncated_stream_is_refused_or_lacks_its_last_release(stream: bytes, cut: int) -> None:
    try:
        versions = [release.version for release in bundled.parse(stream[:-cut])]
    except BrokenError:
        return
    assert versions in (["0.1.0", "0.2.0"], ["0.1.0"])


@pytest.mark.parametrize("line", [b'M 120000 inline "a"\n', b'M 100644 :1 "a"\n', b"feature import-marks=/x\n"])
def test_lines_that_the_release_command_never_writes_are_refused(line: bytes) -> None:
    with pytest.raises(BrokenError):
        list(bundled.parse(line + b"data 0\n\n"))


def test_the_error_for_an_unknown_version_lists_the_known_ones() -> None:
    with pytest.raises(InputError) as refused:
        bundled.find("99.0")
    assert bundled.newest().version in refused.value.hint
