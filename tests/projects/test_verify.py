"""Effects of `verify` on a project, on the machine and on external servers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copperplate.verify import LEVELS, Status, Target, run_levels
from testing.matrix import slots
from testing.matrix.slots import Slot
from tests.projects.running import python, servers

LIST_DATABASES = """
import asyncio, asyncpg, sys

async def main():
    connection = await asyncpg.connect(sys.argv[1].replace("+asyncpg", "", 1))
    print(*[row[0] for row in await connection.fetch("SELECT datname FROM pg_database ORDER BY 1")])

asyncio.run(main())
"""

FILL_REDIS = """
import sys
from redis import Redis
redis = Redis.from_url(sys.argv[1])
redis.set("theirs", "kept")
print(redis.execute_command("INFO", "keyspace").keys())
"""


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    path = slot.installed_project("row-3.12", {}, "3.12")
    slots.warm_up_types(path, "3.12")  # the tests that interrupt wait for the level after it
    return path


def processes_of(project: Path) -> list[str]:
    """Command lines of all processes that run something of the project."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended
            continue
        if str(project) in line:
            found.append(line)
    return found


def test_external_servers_are_unchanged_afterwards(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with servers(project) as lent:
        before = python(project, LIST_DATABASES, lent["DATABASE_URL"]), python(project, FILL_REDIS, lent["REDIS_URL"])
        monkeypatch.setenv("TEST_DATABASE_URL", lent["DATABASE_URL"])
        monkeypatch.setenv("TEST_REDIS_URL", lent["REDIS_URL"])
        result = run_levels(Target(project, "shop", "shop"), [x for x in LEVELS if x.name in {"migrations", "boot"}])
        after = python(project, LIST_DATABASES, lent["DATABASE_URL"]), python(project, FILL_REDIS, lent["REDIS_URL"])
    assert [level.status for level in result.levels] == [Status.PASSED] * 2, result
    assert result.levels[0].output.startswith("borrowed servers")
    assert before == after


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_verification_leaves_no_process_and_no_file(
    project: Path, tmp_path: Path, number: signal.Signals
) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    tmp_path.chmod(0o777)
    command = [sys.executable, "-c", "from copperplate.cli.main import main; main()", "verify", str(project)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not any(" -m pytest" in line or "/pytest " in line for line in processes_of(project)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1)  # its servers are starting, or have just started
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    deadline = time.monotonic() + 10  # the hosts of the servers end by themselves when pytest is gone
    while processes_of(project):
        assert time.monotonic() < deadline, processes_of(project)
        time.sleep(0.1)
    assert list(tmp_path.glob("copperplate*")) == []
