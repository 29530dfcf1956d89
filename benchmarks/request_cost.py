"""Processor time of a request: a generated project against bare ASGI and asyncpg with the same queries.

    uv run python -m benchmarks.request_cost PROJECT

The project's own uvicorn serves both, in one process each, on the same private PostgreSQL, in turns. The benchmark
counts the user and system time of the serving process, so other load has little effect. The project runs as in
production, with its request log. The bare application writes JSON with orjson, which is installed separately.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.served import Process, Project, cpu_seconds, fill, running
from copperplate import uv

ROUNDS, REQUESTS, CONNECTIONS = 20, 640, 8
BARE_PORT, PROJECT_PORT = 18081, 18082


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    project = Project(parser.parse_args().project.resolve())
    with project.servers() as environment:
        ratios(project, environment)


def ratios(project: Project, environment: dict[str, str]) -> list[float]:
    """Print and return the cost of a row and of a list, relative to the bare application."""
    ours = [project.program(project.command), "serve"]
    bare = [project.program("uvicorn"), "--factory", "bare_asgi:create_app", "--app-dir", str(Path(__file__).parent)]
    with (
        tempfile.TemporaryDirectory() as libraries,
        running(ours, port=PROJECT_PORT, cwd=project.path, env=environment) as serving,
    ):
        headers = project.log_in(environment)
        item = fill(PROJECT_PORT, headers)
        quiet = [*bare, "--no-access-log"]
        install("orjson", project, libraries)
        besides = {**environment, "PYTHONPATH": libraries}
        with running(quiet, port=BARE_PORT, cwd=project.path, env=besides) as least:
            processes = {PROJECT_PORT: serving, BARE_PORT: least}
            return [compare(path, processes, headers) for path in (f"/items/{item}", "/items?limit=20")]


def install(library: str, project: Project, folder: str) -> None:
    """Install packages for the project's Python, but not into its environment."""
    command = [
        str(uv.binary()),
        "pip",
        "install",
        "--quiet",
        "--python",
        project.program("python"),
        "--target",
        folder,
        library,
    ]
    subprocess.run(command, check=True)


def compare(path: str, processes: dict[int, Process], headers: dict[str, str]) -> float:
    """Print the medians of many short rounds in turns, so that both have the same conditions.

    The first is a warm-up.
    """
    costs: dict[int, list[float]] = {port: [] for port in processes}
    for _ in range(ROUNDS + 1):
        for port, process in processes.items():
            before = cpu_seconds(process)
            asyncio.run(load(port, path, headers))
            costs[port].append((cpu_seconds(process) - before) / REQUESTS * 1e6)
    ours, theirs = (costs[port][1:] for port in (PROJECT_PORT, BARE_PORT))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    label = path if "?" in path else "/items/{id}"
    medians = f"project {statistics.median(ours):6.0f} µs   bare {statistics.median(theirs):6.0f} µs"
    print(f"{label:16} {medians}   {ratio:.2f}×", flush=True)
    return ratio


async def load(port: int, path: str, headers: dict[str, str]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()

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
