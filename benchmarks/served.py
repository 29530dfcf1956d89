"""Generated project, served as in production on its own private servers."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE
from typing import TextIO, TypeAlias, cast

Process: TypeAlias = subprocess.Popen[bytes]

REQUIRED = {
    "MAIL_URL": "smtp://mail.invalid",
    "MAIL_SENDER": "shop@example.org",
    "JWT_KEYS": base64.b64encode(os.urandom(32)).decode(),
    "JWT_LIFETIME": "3600",
    "OIDC_ISSUER": "https://provider.invalid",
    "OIDC_CLIENT_ID": "shop",
    "OIDC_CLIENT_SECRET": "nobody logs in with it",
    "OIDC_REDIRECT_URI": "https://shop.invalid/auth/oidc/callback",
}
"""Settings that projects with some options require. An access token lives as long as a benchmark."""


LOG_IN = """
import asyncio
from {package}.auth.method import Account, method_of
from {package}.db.transaction import transaction
from {package}.features import open_app, settings_class
from {package}.users.models import User

async def log_in() -> None:
    async with open_app(settings_class()()) as resources:
        async with transaction(resources) as tx:
            tx.add(user := User(email="ada@example.org"))
        token, _ = await method_of(resources).begin(Account(user.id, user.role))
        print(token)

asyncio.run(log_in())
"""
"""Program that makes a user of a project with accounts, and prints the token of a login."""


@dataclass(frozen=True)
class Project:
    path: Path

    @cached_property
    def command(self) -> str:
        (name,) = self._scripts
        return name

    @cached_property
    def package(self) -> str:
        (entry_point,) = self._scripts.values()
        return entry_point.partition(".")[0]

    def program(self, name: str) -> str:
        return str(self.path / ".venv/bin" / name)

    def log_in(self, environment: dict[str, str]) -> dict[str, str]:
        """Return the headers for a user's requests; none if the project has no accounts."""
        if not (self.path / "src" / self.package / "auth").exists():
            return {}
        command = [self.program("python"), "-c", LOG_IN.format(package=self.package)]
        printed = subprocess.run(
            command, cwd=self.path, env=environment, check=True, stdout=PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return {"Authorization": f"Bearer {printed.stdout.strip()}"}

    @property
    def _scripts(self) -> dict[str, str]:
        scripts: dict[str, str] = tomllib.loads((self.path / "pyproject.toml").read_text())["project"]["scripts"]
        return scripts

    @contextmanager
    def servers(self) -> Iterator[dict[str, str]]:
        """Run PostgreSQL and Valkey, migrated and empty, and yield an environment with their addresses."""
        command = [self.program("python"), "-m", f"{self.package}_dev"]
        servers = subprocess.Popen(command, cwd=self.path, stdin=PIPE, stdout=PIPE, text=True)
        try:
            output = cast("TextIO", servers.stdout)
            urls = dict(output.readline().strip().split("=", 1) for _ in range(2))
            environment = {
                **os.environ,
                **urls,
                **REQUIRED,
                "ENVIRONMENT": "production",
                "SECRET_KEY": os.urandom(32).hex(),
            }
            migrate = [self.program(self.command), "migrate"]
            subprocess.run(migrate, cwd=self.path, env=environment, check=True, stdout=subprocess.DEVNULL)
            yield environment
        finally:
            servers.communicate()  # the end of its input stops it


@contextmanager
def running(
    command: Sequence[str], *, port: int, cwd: Path, env: dict[str, str], stderr: int | None = None
) -> Iterator[Process]:
    """Run an HTTP server on this port; it answers when the context opens, and has ended when it closes."""
    command = [*command, "--port", str(port)]
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        wait_for(port)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")


def fill(port: int, headers: dict[str, str] | None = None) -> str:
    """Create 200 items, and return the id of the last."""
    for number in range(200):
        item = ask(port, "POST", "/items", {"name": f"Item {number}", "price": f"{number}.50"}, headers)
    return str(item["id"])


def ask(
    port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> dict[str, object]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        answer: dict[str, object] = json.load(connection.getresponse())
    finally:
        connection.close()
    return answer


def cpu_seconds(process: Process) -> float:
    """Return the processor time of the main thread, which does all the work.

    `/proc/PID/stat` counts only ticks of 10 ms.
    """
    return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
