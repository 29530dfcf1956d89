"""Soak test command, interrupted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from copperplate.templates import bundled
from testing import ROOT


def test_an_interrupted_soak_of_releases_leaves_nothing(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "scripts.soak", "releases", next(iter(bundled.released())))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(temporary)}, stderr=subprocess.PIPE, text=True
    ) as process:
        while not any(temporary.glob("copperplate-prove-*/shop/.git")):
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 128 + signal.SIGTERM
    assert said.splitlines()[0] == "error: interrupted"
    assert list(temporary.iterdir()) == []
