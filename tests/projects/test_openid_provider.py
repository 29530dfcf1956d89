"""Login with Canaille, an OpenID Connect provider that others have written, from begin to end.

The tests of the template have a provider of our own, which can misbehave. This one shows that we speak the protocol.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from copperplate import uv
from testing.matrix.slots import Slot
from testing.template_tests import lay
from tests.projects.answers import EVERYTHING
from tests.projects.running import tool

pytestmark = pytest.mark.long

PROVIDER = Path(__file__).with_name("openid_provider")
SECRET = "a-secret-of-tests"  # noqa: S105 - of a server of this test
"""Canaille takes it as it is sent, and RFC 6749 has it encoded: so it has nothing that this changes."""

CLIENT = ("shop", SECRET, "https://shop.example/callback", "ada@example.org")
"""The rest as in the project's `tests/support/openid.py`."""


@pytest.fixture
def issuer() -> Iterator[str]:
    script = PROVIDER / "canaille_server.py"
    command = [str(uv.binary()), "run", "--quiet", "--script", "--locked", "--python", "3.12", str(script), *CLIENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


def test_a_user_of_canaille_logs_in(slot: Slot, issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert issuer.startswith("http://localhost:")
    project = slot.installed_project("row-3.12", EVERYTHING, "3.12")
    lay(project)
    shutil.copy(PROVIDER / "test_canaille.py", project / "tests/oidc")
    monkeypatch.setenv("OPENID_ISSUER", issuer)
    monkeypatch.setenv("OPENID_SECRET", SECRET)
    tool(project, "pytest", "-q", "tests/oidc/test_canaille.py")
