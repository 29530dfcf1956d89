"""Rendering of a template with answers into a folder. No other module imports Copier."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copperplate.errors import BrokenError
from copperplate.questions import manifest
from copperplate.questions.manifest import Value
from copperplate.system import disk, folders
from copperplate.system.disk import File, file_names, read_file, write_files
from copperplate.templates import verbatim
from copperplate.templates.bundled import Release
from copperplate.templates.verbatim import Placed

if TYPE_CHECKING:
    from copier._main import Worker

_compiled: dict[object, Any] = {}
"""Code that Jinja has compiled, by its text and the settings of the language."""


def render(
    template: Release, destination: Path, answers: Mapping[str, Value], *, source: str, run_tasks: bool = False
) -> None:
    """Render `template` into `destination`, and record its version and `source` in the answers file.

    The caller has validated `answers`, and has decided that the template may run code: its Jinja extensions always run,
    its tasks only if `run_tasks`.
    """
    copier = _Copier(destination, _data(answers, template, source), runs_tasks=run_tasks)
    is_new = not destination.exists() or all(path.name == ".git" for path in destination.iterdir())
    placed = _placed(template.files, copier) if is_new and not run_tasks else None
    if placed is None:
        if is_new:
            _empty(destination)
        copier.run(template.files)
        return
    for folder in placed.folders:
        (destination / folder).mkdir(parents=True, exist_ok=True)
    write_files(placed.files, destination)


def rendered(template: Release, answers: Mapping[str, Value], *, source: str, inside: Path) -> dict[str, File]:
    """Return the rendered files. Only those that Copier renders are written, below `inside`."""
    project = inside / "project"  # the same name for every rendering, because a template could read it
    copier = _Copier(project, _data(answers, template, source))
    placed = _placed(template.files, copier)
    if placed is not None:
        return _files(project) | dict(placed.files)
    disk.remove_tree(project)
    copier.run(template.files)
    return _files(project)


def rendered_resource(
    template: Release, data: Mapping[str, object], *, source: str, answers_file: str, inside: Path
) -> dict[str, File]:
    """The files of one resource of a project. `data` has its package, its specification and its revision."""
    project = inside / "project"
    copier = _Copier(project, _data(data, template, source), answers_file=answers_file)
    copier.run(manifest.sources(template.files))
    return _files(project)


def _placed(template: Mapping[str, File], copier: "_Copier") -> Placed | None:
    """Let Copier render what it has to, and return the rest; None if Copier has to render everything."""
    with folders.temporary() as folder:
        with folders.writing():
            split = verbatim.split(template, folder)
        if split is None:
            return None
        done = copier.run(folder)
        with _each_text_compiled_once():
            answers_file = str(done.answers_relpath)
        placed = split.placed(copier.destination, is_excluded=done.match_exclude, answers_file=answers_file)
    if placed is None or placed.clashes_with(file_names(copier.destination)):
        return None
    return placed


def _files(project: Path) -> dict[str, File]:
    return {name: read_file(project / name) for name in file_names(project)}


def _empty(destination: Path) -> None:
    """Remove a rendering from a new folder, because Copier would read the answers in it."""
    for path in destination.iterdir() if destination.exists() else ():
        if path.name != ".git":
            disk.remove(path)


def _data(answers: Mapping[str, object], template: Release, source: str) -> dict[str, object]:
    return {**answers, "template_version": template.version, "template_source": source}


@dataclass(frozen=True, slots=True)
class _Copier:
    destination: Path
    data: Mapping[str, object]
    runs_tasks: bool = False
    answers_file: str | None = None
    """Its path in the project, unless it is the one that the template names."""

    def run(self, template: Path | Mapping[str, File]) -> "Worker":
        if not isinstance(template, Path):
            with folders.temporary() as folder:
                with folders.writing():
                    write_files(template, folder)
                return self.run(folder)
        # Imported here, because the import of Copier takes longer than most commands.
        from copier import Settings, run_copy  # noqa: PLC0415
        from plumbum import local  # noqa: PLC0415

        # With an empty PATH, Copier cannot run git: it would start a process for each file, and use the user's
        # settings.
        # Tasks need the PATH. The result of a template with tasks depends on the machine in any case.
        path = os.environ.get("PATH", os.defpath) if self.runs_tasks else ""
        try:
            with warnings.catch_warnings(action="ignore"), local.env(PATH=path), _each_text_compiled_once():
                return run_copy(
                    str(template),
                    self.destination,
                    answers_file=self.answers_file,
                    data=dict(self.data),
                    settings=Settings(),
                    defaults=True,
                    overwrite=True,
                    quiet=True,
                    unsafe=True,
                    skip_tasks=not self.runs_tasks,
                )
        except OSError:
            raise  # an error of the destination, not of the template
        except Exception as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            what = f"the template cannot be rendered: {reason}"
            raise BrokenError(what, "report this to the authors of the template") from error


@contextmanager
def _each_text_compiled_once() -> Iterator[None]:
    """Let Jinja compile each text only once, in this rendering and all before it.

    Copier compiles each part of each path again, and for each file the name of the answers file: a few hundred texts,
    more than a thousand times, which is half of its time. An update renders two versions of a template, which share
    most of their texts.
    """
    from jinja2 import Environment  # noqa: PLC0415

    compiling = Environment.compile

    def compiled(environment: Any, source: Any, name: Any = None, filename: Any = None, **options: Any) -> Any:  # noqa: ANN401
        # Jinja has one lexer for each syntax. The path of the file matters only in a traceback.
        language = (type(environment), environment.lexer, environment.autoescape, *sorted(environment.extensions))
        key = (language, source, name, *options.items())
        if key not in _compiled:
            _compiled[key] = compiling(environment, source, name, filename, **options)
        return _compiled[key]

    setattr(Environment, "compile", compiled)  # noqa: B010 - a type checker takes a method for one that stays
    try:
        yield
    finally:
        setattr(Environment, "compile", compiling)  # noqa: B010
