"""The maintainers' command, run as they run it; each row it runs is only looked at, for that takes a second."""

import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from copperplate.verify.servers import leaves_something
from testing import ROOT
from testing.matrix.combinations import all_rows

COMMAND = (sys.executable, "-m", "scripts.matrix")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_one_of_all_combinations_is_rendered_parsed_formatted_and_linted(tmp_path: Path) -> None:
    junit, summary = tmp_path / "out.xml", tmp_path / "out.md"
    total = len(all_rows())
    done = run("run", "all", "--shard", f"{total}/{total}", "--junit", junit, "--summary", summary)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "Traceback" not in done.stderr
    (suite,) = ET.fromstring(junit.read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert [case.get("name") for case in suite] == ["parse", "format", "lint"]
    assert summary.read_text(encoding="utf-8").startswith("## Matrix: all\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("run", "row", "no-such-row"), "no row is called no-such-row"),
        (("run", "row"), "no row is called nothing"),
        (("run", "pairs", "everything"), "name rows like this: row everything"),
        (("run", "pairs", "--junit", "no-such-folder/out.xml"), "cannot be written"),
        (("run", "pairs", "--shard", "3/2"), "give it as 2/5"),
        (("run", "pairs", "--shard", "0/2"), "give it as 2/5"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(arguments: tuple[str, ...], complaint: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "run", "all", "--jobs", "2"], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith(b"[")  # the first row is done, the next ones have begun
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(60) == 128 + number
        assert b"error: interrupted" in said
        assert b"Traceback" not in said
    assert not leaves_something(process, patience=10)
