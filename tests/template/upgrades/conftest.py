"""Small wheels in a folder, and a project that takes them from there: versions as good and as bad as a test needs."""

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

PROJECT = """\
[project]
name = "ship"
version = "0"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[tool.uv]
no-index = true
find-links = [{wheels}]
"""


class Harbour:
    def __init__(self, folder: Path) -> None:
        self.wheels = folder / "wheels"
        self.project = folder / "project"
        self.wheels.mkdir()
        self.project.mkdir()

    def lands(self, name: str, version: str, *, code: str = "", needs: str = "") -> None:
        """Make a wheel of one module, which does `code` when it is imported."""
        folder = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += f"Requires-Dist: {needs}\n" if needs else ""
        files = {
            f"{name}.py": f"{code}\n",
            f"{folder}/METADATA": metadata,
            f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
        files[f"{folder}/RECORD"] = "\n".join([*record, f"{folder}/RECORD,,", ""])
        with zipfile.ZipFile(self.wheels / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)

    def takes(self, *dependencies: str) -> str:
        """Write the project's `pyproject.toml`, and give its text."""
        quoted = ", ".join(f'"{dependency}"' for dependency in dependencies)
        text = PROJECT.format(dependencies=quoted, wheels=f'"{self.wheels}"')
        (self.project / "pyproject.toml").write_text(text)
        return text


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def harbour(tmp_path: Path) -> Harbour:
    return Harbour(tmp_path)
