import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from copperplate.verify import servers
from copperplate.verify.session import Log

STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""

TIDY = """
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("tidied up", flush=True)
"""


def alive(pid: int) -> bool:
    """True if the process runs; one that only waits for its parent to notice its end does not."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def said(log: Log, count: int = 1) -> list[str]:
    deadline = time.monotonic() + 60
    while len(lines := log.text().splitlines()) < count:
        assert time.monotonic() < deadline, lines
        time.sleep(0.01)
    return lines


def test_a_program_is_interrupted_as_by_ctrl_c_and_may_tidy_up(tmp_path: Path) -> None:
    with Log() as log:
        with servers.launch([sys.executable, "-c", TIDY], cwd=tmp_path, env={}, output=log.file):
            said(log)
        assert said(log, 2) == ["ready", "tidied up"]


def test_a_program_that_does_not_stop_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "GRACE", 0.1)
    with Log() as log:
        with servers.launch([sys.executable, "-c", STUBBORN], cwd=tmp_path, env={}, output=log.file) as process:
            grandchild = int(said(log)[0])
            assert alive(grandchild)
        assert process.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 60
        while alive(grandchild):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_children_of_an_ended_program_are_killed_too(tmp_path: Path) -> None:
    code = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    with Log() as log:
        with servers.launch([sys.executable, "-c", code], cwd=tmp_path, env={}, output=log.file) as process:
            process.wait(10)
            orphan = int(said(log)[0])
        deadline = time.monotonic() + 60
        while alive(orphan):
            assert time.monotonic() < deadline
            time.sleep(0.01)
