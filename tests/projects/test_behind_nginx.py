"""A project behind nginx, as its README configures it: below a prefix that nginx strips, and compressed."""

import gzip
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from copperplate.verify import Target
from copperplate.verify.boot import reserved_port, served
from copperplate.verify.session import Log, Session
from testing.matrix.slots import Slot

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOST, PREFIX = "127.0.0.1", "/api"
START_TIMEOUT = 10.0

CONFIGURATION = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    gzip on;
    gzip_types *;
    gzip_proxied any;
    gzip_min_length 1;
    server {{
        listen {host}:{port};
        {location}
    }}
}}
"""

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.text)


@dataclass(frozen=True)
class Client:
    """Follows no link and adds nothing, so that each header is seen as nginx sent it."""

    port: int

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        connection = HTTPConnection(HOST, self.port, timeout=10)
        sent = {"Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if response.headers["Content-Encoding"] == "gzip":
            content = gzip.decompress(content)
        return Answer(response.status, response.headers, content.decode())


@pytest.fixture(scope="module")
def client(slot: Slot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    project = slot.installed_project("row-3.12", {}, "3.12")
    readme = (project / "README.md").read_text(encoding="utf-8")
    (location,) = re.findall(r"```nginx\n(.*?)```", readme, re.DOTALL)
    with (
        Session(Target(project, "shop", "shop")) as bench,
        Log() as transcript,
        served(bench, transcript, {"API_DOCS": "true"}) as port,
        nginx(tmp_path_factory.mktemp("nginx"), location.replace(":8000/", f":{port}/")) as listening,
    ):
        yield Client(listening)


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[int]:
    with reserved_port() as port:
        (folder / "nginx.conf").write_text(CONFIGURATION.format(host=HOST, port=port, location=location))
        command = [str(NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                deadline = time.monotonic() + START_TIMEOUT
                while not listens(port):
                    assert process.poll() is None, process.communicate()[1]
                    assert time.monotonic() < deadline, "nginx does not listen"
                    time.sleep(0.02)
                yield port
            finally:
                process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def create(client: Client, name: str) -> Answer:
    created = client.ask("POST", f"{PREFIX}/items", {"name": name, "price": "3.50"})
    assert created.status == HTTPStatus.CREATED, created.text
    return created


def test_a_new_item_is_at_the_location_in_the_response(client: Client) -> None:
    created = create(client, "Tea")
    assert created.headers["Location"].startswith(f"{PREFIX}/items/")
    assert client.ask("GET", created.headers["Location"]).json == created.json


def test_the_docs_load_their_files_and_show_the_public_address(client: Client) -> None:
    page = client.ask("GET", f"{PREFIX}/docs")
    urls = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    found = {url: client.ask("HEAD", url).status for url in (attribute or argument for attribute, argument in urls)}
    assert len(found) == 4
    assert set(found.values()) == {HTTPStatus.OK}
    assert client.ask("GET", f"{PREFIX}/openapi.json").json["servers"] == [{"url": PREFIX}]


def test_a_problem_names_the_requested_address(client: Client) -> None:
    assert client.ask("GET", f"{PREFIX}/nowhere").json["instance"] == f"{PREFIX}/nowhere"


def test_an_etag_weakened_by_nginx_works_for_reads_and_is_refused_for_writes(client: Client) -> None:
    url = create(client, "Coffee").headers["Location"]
    weakened = client.ask("GET", url).headers["ETag"]
    assert weakened == 'W/"1"'
    assert client.ask("GET", url, If_None_Match=weakened).status == HTTPStatus.NOT_MODIFIED
    refused = client.ask("PATCH", url, {"price": "4.00"}, If_Match=weakened)
    assert refused.status == HTTPStatus.PRECONDITION_FAILED
    assert "changed" not in refused.json["detail"]
    (tag,) = re.findall(r'send ("[^"]+"), without W/', refused.json["detail"])
    assert client.ask("PATCH", url, {"price": "4.00"}, If_Match=tag).status == HTTPStatus.OK
