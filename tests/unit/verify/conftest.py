"""Stand-in for a rendered project: a virtual environment with a command and servers that a test controls."""

import shutil
import textwrap
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.verify import Target

SERVERS = """
    import sys
    print("DATABASE_URL=postgresql://127.0.0.1/made-up")
    print("REDIS_URL=redis://127.0.0.1/0", flush=True)
    sys.stdin.read()
"""

COMMAND = """
    import os, signal, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from pathlib import Path

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(ANSWERS.get(self.path, 404))
            self.end_headers()
            self.wfile.write(BODY)

    BODY = b""
    ANSWERS = {"/health/live": 200, "/health/ready": 200}
    EXIT_CODE = 0
    # BEHAVIOUR
    if sys.argv[1] == "serve":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(EXIT_CODE))
        print("cwd", Path.cwd(), os.environ["ENVIRONMENT"], os.environ["DATABASE_URL"], flush=True)
        HTTPServer((sys.argv[3], int(sys.argv[5])), Handler).serve_forever()
"""


FEATURES = """
    class Mail:
        host = "mail.example"
        model_fields_set = {"host"}

    class Settings:
        mail = Mail()
        redis_url = "redis://unused"
        tags = ("a", "b")
        model_fields_set = {"mail", "redis_url", "tags"}

    def settings_class():
        return Settings
"""


class StandIn:
    def __init__(self, root: Path) -> None:
        self.target = Target(root, package="shop", command="shop")
        self._packages = next((root / ".venv").glob("lib/python*/site-packages"))

    def serves(self, behaviour: str = "") -> None:
        """Write the project's command, with `behaviour` as a few statements of its own."""
        code = textwrap.dedent(COMMAND).replace("# BEHAVIOUR", behaviour)
        self.installs("shop", code)

    def installs(self, command: str, code: str) -> None:
        scripts = self.target.path / ".venv" / "bin"
        program = scripts / command
        program.write_text(f"#!{scripts / 'python'}\n{textwrap.dedent(code)}")
        program.chmod(0o755)

    def requires_settings(self) -> None:
        (self._packages / "shop").mkdir(exist_ok=True)
        for module, code in {"features": FEATURES, "startup": "def example(settings): return settings()"}.items():
            (self._packages / "shop" / f"{module}.py").write_text(textwrap.dedent(code))

    def has_servers(self, code: str = SERVERS) -> None:
        module = self._packages / "shop_dev" / "__main__.py"
        module.parent.mkdir(parents=True)
        module.write_text(textwrap.dedent(code))


@pytest.fixture(scope="session")
def environment_to_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("environment")
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\nrequires-python = ">=3.11"\n')
    for arguments in (("venv", "--quiet"), ("lock", "--quiet")):
        done = uv.run(*arguments, cwd=root)
        assert done.code == 0, done.stderr
    return root


@pytest.fixture
def stand_in(environment_to_copy: Path, tmp_path: Path) -> StandIn:
    root = tmp_path / "shop"
    shutil.copytree(environment_to_copy, root, symlinks=True)
    return StandIn(root)
