"""A template with only questions, so that each case is fast."""

import shutil
from pathlib import Path

import pytest

from testing import ROOT

LOCKED = ("fastapi", "pyyaml", "typing-extensions")
_REGISTERED = 'version = "1"\nsource = { registry = "https://index.example/simple" }\n'


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real questions, over the file of answers alone, with a lock of a few packages."""
    root = tmp_path_factory.mktemp("questions")
    shutil.copy(ROOT / "copier.yml", root)
    packages = "\n".join(f'[[package]]\nname = "{name}"\n{_REGISTERED}' for name in LOCKED)
    (root / "template.lock").write_text(packages)
    shutil.copytree(ROOT / "features", root / "features")
    (root / "template").mkdir()
    shutil.copy(ROOT / "template" / "{{ _copier_conf.answers_file }}.jinja", root / "template")
    return root
