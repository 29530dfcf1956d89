"""CPU time of the server for one request: a printed project against bare ASGI + asyncpg with the same queries.

    uv run benchmarks/request_cost.py PROJECT

Both are served by the project's own uvicorn, one process each, on the same private PostgreSQL, in turns; what is
counted is the processor time of the serving process, user and system, so a busy machine disturbs little. The project
runs as in production, with its log of requests.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE
from typing import TextIO, cast

ROUNDS, REQUESTS, CONNECTIONS = 5, 3000, 8
BARE_PORT, PROJECT_PORT = 18081, 18082


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    project = parser.parse_args().project.resolve()
    python = project / ".venv/bin/python"
    ((name, entry_point),) = tomllib.loads((project / "pyproject.toml").read_text())["project"]["scripts"].items()
    package = entry_point.partition(".")[0]
    servers = subprocess.Popen([python, "-m", f"{package}.dev"], cwd=project, stdin=PIPE, stdout=PIPE, text=True)
    output = cast("TextIO", servers.stdout)
    urls = dict(output.readline().strip().split("=", 1) for _ in range(2))
    environment = {
        **os.environ,
        **urls,
        "ENVIRONMENT": "production",
        "SECRET_KEY": os.urandom(32).hex(),
        "API_MAX_IN_FLIGHT": "1000",
    }
    running = []
    try:
        subprocess.run([python.with_name("alembic"), "upgrade", "head"], cwd=project, env=environment, check=True)
        bare = ["uvicorn", "--factory", "bare_asgi:create_app", "--app-dir", Path(__file__).parent, "--no-access-log"]
        for (program, *arguments), port in (((name, "serve"), PROJECT_PORT), (bare, BARE_PORT)):
            command = [python.with_name(program), *arguments, "--port", str(port)]
            running.append(subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL))
        wait_for(PROJECT_PORT, "/health/ready")
        wait_for(BARE_PORT, "/items?limit=1")
        item = fill()
        for path in (f"/items/{item}", "/items?limit=20"):
            compare(path, running)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
            process.wait()
        servers.communicate()  # the end of its input is what stops it


def wait_for(port: int, path: str) -> None:
    for _ in range(200):
        with suppress(OSError):
            ask(port, "GET", path)
            return
        time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")


def fill() -> str:
    """Make 200 items, and give the id of the last."""
    for number in range(200):
        item = ask(PROJECT_PORT, "POST", "/items", {"name": f"Item {number}", "price": f"{number}.50"})
    return str(item["id"])


def ask(port: int, method: str, path: str, body: object = None) -> dict[str, object]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer: dict[str, object] = json.load(connection.getresponse())
    finally:
        connection.close()
    return answer


def compare(path: str, running: list[subprocess.Popen[bytes]]) -> None:
    """Print the medians of several rounds in turns; the first round only warms up."""
    project, bare = running
    costs: dict[int, list[float]] = {PROJECT_PORT: [], BARE_PORT: []}
    for _ in range(ROUNDS + 1):
        for process, port in ((project, PROJECT_PORT), (bare, BARE_PORT)):
            before = cpu_seconds(process.pid)
            asyncio.run(load(port, path))
            costs[port].append((cpu_seconds(process.pid) - before) / REQUESTS * 1e6)
    ours, theirs = (statistics.median(costs[port][1:]) for port in (PROJECT_PORT, BARE_PORT))
    label = path if "?" in path else "/items/{id}"
    print(f"{label:16} project {ours:6.0f} µs   bare {theirs:6.0f} µs   {ours / theirs:.2f}×")


def cpu_seconds(pid: int) -> float:
    """Of the main thread, which does all the work; exact, where `/proc/PID/stat` counts ticks of 10 ms."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def load(port: int, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(REQUESTS // CONNECTIONS):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                sys.exit(head.decode())
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    main()
