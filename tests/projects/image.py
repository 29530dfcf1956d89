"""Image of a project, built and run without a container engine.

Each stage is an overlay over the files of this machine, which stands in for the base images; every instruction works
in it as in a container: on the paths that it names, as the user and with the environment that it sets.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Template

from copperplate import uv
from tests.projects.dockerfile import Instruction, instructions

UNSHARE = ("unshare", "--mount")
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
ROOT = PurePosixPath("/")
SCRATCH = "/tmp"  # noqa: S108 - all that a read-only container may write to


@dataclass
class Stage:
    folder: Path
    python: Path
    """Prefix of the interpreter that the base image would have."""

    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "HOME": "/root"})
    directory: PurePosixPath = ROOT
    user: str = "0:0"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("files", "work", "root", "files/root"):  # an open /root: the interpreter may lie below it
            (self.folder / name).mkdir(parents=True)
            (self.folder / name).chmod(0o755)
        self.environment["PATH"] = f"{self.python / 'bin'}:{self.environment['PATH']}"

    @property
    def files(self) -> Path:
        """Return the files that were added to the base image."""
        return self.folder / "files"

    def argv(self, *command: str, mounts: Mapping[str, Path] | None = None, read_only: bool = False) -> tuple[str, ...]:
        """The command line that runs `command` in here, as the stage's user; `mounts` by their place in here."""
        root = str(self.folder / "root")
        layers = f"lowerdir=/,upperdir={self.files},workdir={self.folder / 'work'}"
        steps: list[tuple[str, ...]] = [("mount", "-t", "overlay", "overlay", "-o", layers, root)]
        steps += [("mount", "--rbind", name, f"{root}{name}") for name in ("/proc", "/dev")]
        for place, origin in {str(self.python): self.python, **(mounts or {})}.items():
            make = ("mkdir", "-p") if origin.is_dir() else ("touch",)
            steps += [(*make, f"{root}{place}"), ("mount", "--bind", str(origin), f"{root}{place}")]
        if read_only:
            steps += [("mount", "-o", "remount,ro", root), ("mount", "-t", "tmpfs", "tmpfs", f"{root}{SCRATCH}")]
        steps.append(("exec", "chroot", root, *self._as_user(), "env", f"--chdir={self.directory}", *command))
        return (*UNSHARE, "sh", "-c", " && ".join(shlex.join(step) for step in steps))

    def _as_user(self) -> Iterator[str]:
        user, group = self.user.split(":")
        if user != "0":
            yield from ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs")
            yield from ("--inh-caps=-all", "--bounding-set=-all", "--")


def can_be_built() -> bool:
    """True if this machine allows mounts; root may, outside of most containers."""
    return os.geteuid() == 0 and subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


def build(context: Path, dockerfile: str, python: Path, folder: Path) -> Stage:
    """Follow the Dockerfile; return its last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(folder / "none", python)
    for step in instructions(dockerfile):
        match step.name:
            case "FROM":
                base, _, name = step.words.partition(" AS ")
                stage = stages[name] = Stage(folder / (name or "last"), python)
                if "/uv:" in base:
                    shutil.copy(uv.binary(), stage.files)
            case "COPY":
                origins = [stages[flag["value"]].files for flag in step.flag("--from")] or [context]
                _copy(step, origins[0], stage)
            case "RUN":
                _run(step, context, stage)
            case _:
                _configure(step, stage)
    return stage


def _configure(step: Instruction, stage: Stage) -> None:
    match step.name:
        case "ENV":
            pairs = (pair.partition("=") for pair in shlex.split(step.words))
            stage.environment |= {name: Template(value).substitute(stage.environment) for name, _, value in pairs}
        case "WORKDIR":
            stage.directory = PurePosixPath(step.words)
            _inside(stage, step.words).mkdir(parents=True)
        case "USER":
            stage.user = step.words
        case "ENTRYPOINT":
            stage.entrypoint = tuple(json.loads(step.words))
        case "CMD":
            stage.command = tuple(json.loads(step.words))
        case "HEALTHCHECK":
            stage.health = tuple(json.loads(step.words.removeprefix("CMD ")))
        case "EXPOSE" | "STOPSIGNAL":
            pass
        case _:
            raise NotImplementedError(step.name)


def _inside(stage: Stage, path: str) -> Path:
    """Return the place of `path` in the files of a stage."""
    return stage.files / (stage.directory / path).relative_to("/")


def _copy(step: Instruction, origin: Path, stage: Stage) -> None:
    *sources, destination = step.words.split()
    for source in sources:
        found, target = origin / source.lstrip("/"), _inside(stage, destination)
        if found.is_dir():
            shutil.copytree(found, target, symlinks=True)
        else:
            target = target / found.name if destination.endswith("/") else target
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, target)


def _run(step: Instruction, context: Path, stage: Stage) -> None:
    cache = Path(uv.run("cache", "dir", cwd=context).stdout.strip())
    mounts = {
        str(stage.directory / mount["target"]): context / mount["source"] if mount["type"] == "bind" else cache
        for mount in step.flag("--mount")
    }
    stubs = [stage.files / place.lstrip("/") for place, origin in mounts.items() if origin.is_file()]
    index = {name: value for name, value in uv.environment().items() if name not in {"PATH", "UV_CACHE_DIR"}}
    argv = stage.argv("sh", "-c", step.words, mounts=mounts)
    done = subprocess.run(argv, env=index | stage.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"RUN {step.words}\n{done.stdout}{done.stderr}"
    for stub in stubs:
        assert stub.stat().st_size == 0, f"{stub} is in the way of what is mounted there"
        stub.unlink()
