"""A template that is ready to be rendered: a plain folder, its manifest, and where it came from."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from copperplate import checkout, git, history, manifest, temporary
from copperplate.errors import RefusedError
from copperplate.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Template:
    folder: Path
    version: str
    source: str
    manifest: Manifest

    @property
    def lock(self) -> Path | None:
        """The lock of everything that any project of this template may need."""
        lock = self.folder / "template.lock"
        return lock if lock.exists() else None


@contextmanager
def released() -> Iterator[Template]:
    """The newest released template, in a folder that is removed afterwards."""
    release = history.newest()
    with temporary.folder() as folder:
        history.materialise(release, folder)
        yield Template(folder, release.version, history.SOURCE, manifest.load(folder))


@contextmanager
def from_checkout(path: Path, *, trust: bool = False) -> Iterator[Template]:
    """The template in the folder `path` as it stands there; refused where it would run code, unless trusted."""
    root = path.resolve()
    with temporary.folder() as folder:
        for name in checkout.files(root):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
        asked = manifest.load(folder)
        if asked.runs_code and not trust:
            raise RefusedError(
                f"the template in {path} runs code when it is rendered: {', '.join(asked.runs_code)}",
                "read it, and pass --trust if you would run it by hand",
            )
        yield Template(folder, git.describe(root) or "unreleased", str(root), asked)
