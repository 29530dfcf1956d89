"""`copperplate new`: render, lock, commit, put in place, install; and on any failure leave nothing."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate import destination, git, lockfile, render_cache, uv
from copperplate.destination import Destination
from copperplate.errors import RefusedError
from copperplate.progress import Progress, Step, Steps
from copperplate.questions.answers import Answers
from copperplate.system import folders, signals
from copperplate.system.files import file_names
from copperplate.templates import bundled
from copperplate.templates.render import render
from copperplate.templates.template import Template

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class Options:
    install: bool = True
    commit: bool = True
    verify: bool = False
    python: str | None = None


@dataclass(frozen=True, slots=True)
class NewResult:
    path: Path
    template_version: str
    answers: Answers
    files: tuple[str, ...]
    steps: tuple[Step, ...]
    installed: bool
    committed: bool
    inside_repository: Path | None
    """The repository around the project, where it makes no own one."""
    verified: "VerifyResult | None"


def new(path: Path, answers: Answers, template: Template, *, options: Options, progress: Progress) -> NewResult:
    """Make the project at `path`, an absolute path that `destination.checked` let through."""
    around = git.work_tree_around(path.parent)
    commit = options.commit and around is None
    if commit:
        git.require()
    if options.install:
        _refuse_workspace(path)
    pinned = _pinned(options, answers)
    steps = Steps(progress)
    try:
        with destination.opened(path) as place:
            with steps.step("Render"):
                _render(template, place.stage, answers, run_tasks=bool(template.manifest.runs_code))
                if template.source == bundled.SOURCE:
                    render_cache.store(
                        place.stage, bundled.find(template.version)
                    )  # `status` and `diff` compare with it
                _seed(place.stage, template, answers, pinned)
                _leave_modes_to_the_mask(place.stage)
            if options.install:
                with steps.step("Lock"):
                    _lock(place.stage, options.python)
            files = tuple(name for name in file_names(place.stage) if not name.startswith(".git/"))
            if commit:
                with steps.step("Commit"):
                    _commit(place, answers, template)
            place.land()
            if options.install:
                with steps.step("Install"):
                    uv.sync(path, python=options.python)
        if options.verify:
            signals.heed(f"{path} was created")
    except OSError as error:
        raise RefusedError(
            f"{path} cannot be written: {error.strerror or error}", "make room or name another folder, and try again"
        ) from error
    return NewResult(
        path=path,
        template_version=template.version,
        answers=answers,
        files=files,
        steps=steps.done,
        installed=options.install,
        committed=commit,
        inside_repository=around if options.commit else None,
        verified=_verified(path, steps) if options.verify else None,
    )


def _pinned(options: Options, answers: Answers) -> str | None:
    """The version of the Python that the user asks for."""
    if options.python is None:
        return None
    return uv.choose_python(options.python, floor=answers.python_version, download=options.install)


def preview(answers: Answers, template: Template) -> tuple[str, ...]:
    """The files that `new` would write, found by rendering them elsewhere."""
    with folders.temporary() as folder:
        stage = folder / "project"
        _render(template, stage, answers)
        _seed(stage, template, answers, pinned=None)
        return file_names(stage)


def _render(template: Template, stage: Path, answers: Answers, *, run_tasks: bool = False) -> None:
    render(
        template.folder,
        stage,
        answers.data(),
        version=template.version,
        source=template.source,
        run_tasks=run_tasks,
    )


def _seed(stage: Path, template: Template, answers: Answers, pinned: str | None) -> None:
    """Add what is not rendered: the versions that the template was proved with, and the user's choice of Python."""
    if template.lock is not None:
        lock = lockfile.with_root_name(template.lock.read_text(encoding="utf-8"), answers.distribution_name)
        (stage / "uv.lock").write_text(lock, encoding="utf-8")
    if pinned is not None:  # else `uv run` would go back to the Python that the template pins
        (stage / ".python-version").write_text(f"{pinned}\n", encoding="utf-8")


def _leave_modes_to_the_mask(stage: Path) -> None:
    """Give each file the mode that it would have, had the user made it: those of the template are its keeper's."""
    allowed = stage.stat().st_mode
    for name in file_names(stage):
        file = stage / name
        if not name.startswith(".git/") and not file.is_symlink():
            file.chmod(allowed & (0o777 if file.stat().st_mode & 0o100 else 0o666))


def _lock(stage: Path, python: str | None) -> None:
    """Lock away from the stage, where no workspace of a folder further up can be meant."""
    with folders.temporary() as folder:
        for name in ("pyproject.toml", "uv.lock", ".python-version"):
            if (stage / name).exists():
                shutil.copyfile(stage / name, folder / name)
        uv.lock(folder, python=python)
        shutil.copyfile(folder / "uv.lock", stage / "uv.lock")


def _commit(place: Destination, answers: Answers, template: Template) -> None:
    if not place.in_fresh_repository:
        git.init(place.stage)
    message = f"Create {answers.distribution_name} with Copperplate {template.version}"
    git.commit_all(place.stage, message, git.Identity(answers.author_name, answers.author_email))


def _refuse_workspace(path: Path) -> None:
    """Refuse: uv installs a member of a workspace into the workspace, which is not ours to write to."""
    workspace = uv.workspace_of(path)
    if workspace is not None:
        raise RefusedError(
            f"{path} would be a member of the uv workspace {workspace}",
            "pass --no-install, then run `uv sync` in the workspace",
        )


def _verified(path: Path, progress: Progress) -> "VerifyResult":
    from copperplate.commands.verify import verify  # noqa: PLC0415 - only who asks for it pays for it

    return verify(path, progress=progress)
