"""A Dockerfile, instruction by instruction, and what of a folder an engine would be given to build from."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docker.utils.build import exclude_paths


@dataclass(frozen=True)
class Instruction:
    name: str
    flags: tuple[dict[str, str], ...]
    """Such as `{"flag": "--mount", "type": "bind", "source": "x"}`, and `{"flag": "--from", "value": "x"}`."""

    words: str

    def flag(self, name: str) -> list[dict[str, str]]:
        return [flag for flag in self.flags if flag["flag"] == name]


def instructions(dockerfile: str) -> Iterator[Instruction]:
    without_comments = re.sub(r"^[ \t]*#.*\n", "", dockerfile, flags=re.MULTILINE)
    for line in without_comments.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        name, rest = line.split(maxsplit=1)
        flags = []
        while rest.startswith("--"):
            flag, rest = rest.split(maxsplit=1)
            flags.append(_flag(flag))
        yield Instruction(name, tuple(flags), rest.strip())


def _flag(text: str) -> dict[str, str]:
    name, _, value = text.partition("=")
    parts = [part.partition("=") for part in value.split(",")]
    return {"flag": name} | {key if given else "value": given or key for key, _, given in parts}


def build_context(project: Path, folder: Path) -> Path:
    """Copy to `folder` what the project's `.dockerignore` lets through."""
    lines = (project / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    for name in exclude_paths(str(project), patterns):
        if (project / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / name, folder / name)
    return folder
