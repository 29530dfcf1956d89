import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from copperplate.system import process, signals
from copperplate.system.process import Completed


def test_a_run_returns_output_and_exit_code(tmp_path: Path) -> None:
    script = "import sys; print('out', input if sys.stdin.read() else ''); print('err', file=sys.stderr); sys.exit(3)"
    done = process.run([sys.executable, "-c", script], cwd=tmp_path, environment=os.environ)
    assert done == Completed(3, "out \n", "err\n")


@pytest.mark.parametrize(
    ("stderr", "complaint"),
    [
        ("warning: x\nerror: y\nmore", "error: y"),
        ("hint\nfatal: z\n", "fatal: z"),
        ("error: no luck\n  cause: no network\n  cause: no cable", "error: no luck: no network"),
        ("a\nb\n\n", "b"),
        ("", "exit code 2"),
    ],
)
def test_the_complaint_is_the_most_useful_line(stderr: str, complaint: str) -> None:
    assert Completed(2, "", stderr).complaint == complaint


def test_a_signal_ends_the_program_too(tmp_path: Path) -> None:
    script = f"import os, time; open({str(tmp_path / 'id')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    threading.Thread(target=_interrupt_when_there, args=(tmp_path / "id",)).start()
    with pytest.raises(signals.Interrupted), signals.as_exceptions():
        process.run([sys.executable, "-c", script], cwd=tmp_path, environment=os.environ)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def test_a_program_that_ignores_the_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE_SECONDS", 0.1)
    script = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(tmp_path / 'id')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    threading.Thread(target=_interrupt_when_there, args=(tmp_path / "id",)).start()
    with pytest.raises(signals.Interrupted), signals.as_exceptions():
        process.run([sys.executable, "-c", script], cwd=tmp_path, environment=os.environ)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def _interrupt_when_there(file: Path) -> None:
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
