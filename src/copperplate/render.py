"""The only module that imports Copier: one template, one set of answers, one folder of files."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from copperplate.errors import BrokenError
from copperplate.manifest import Value

_compiled: dict[object, Any] = {}
"""Code that Jinja has made, by the text that it is of, and the language."""


def render(  # noqa: PLR0913 - each says another thing about the one call of Copier
    template: Path,
    destination: Path,
    answers: Mapping[str, Value],
    *,
    version: str,
    source: str,
    run_tasks: bool = False,
) -> None:
    """Render the plain folder `template` into `destination`, and record where it came from in the answers file.

    Whoever calls has validated `answers`, and has decided whether a template that runs code may do so: extensions of
    the template's language always, its tasks only if `run_tasks`.
    """
    # Imported here, for Copier takes longer to import than most commands take to run.
    from copier import Settings, run_copy  # noqa: PLC0415
    from plumbum import local  # noqa: PLC0415

    try:
        # An empty PATH keeps git out of Copier's reach: it would run one process a file, and obey the user's settings.
        # Tasks need the PATH; a template that has any does not come out the same everywhere anyway.
        path = os.environ.get("PATH", os.defpath) if run_tasks else ""
        with warnings.catch_warnings(action="ignore"), local.env(PATH=path), _each_text_compiled_once():
            run_copy(
                str(template),
                destination,
                data={**answers, "template_version": version, "template_source": source},
                settings=Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
                unsafe=True,
                skip_tasks=not run_tasks,
            )
    except OSError:
        raise  # of the destination, not of the template
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise BrokenError(f"the template cannot be rendered: {reason}", "report this to whoever keeps it") from error


@contextmanager
def _each_text_compiled_once() -> Iterator[None]:
    """Have Jinja remember what it has compiled, in this rendering and in those before.

    Copier asks for each part of each path anew, and with each file for the name of the answers file: a few hundred
    texts, well over a thousand times, which is half of the time that it takes. Two versions of a template, which an
    update renders, have most of their texts in common.
    """
    from jinja2 import Environment  # noqa: PLC0415

    compiling = Environment.compile

    def compiled(environment: Any, source: Any, name: Any = None, filename: Any = None, **options: Any) -> Any:  # noqa: ANN401
        # Jinja has one lexer for each syntax. Where the file lies matters only to a traceback.
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


def rendered_files(folder: Path) -> tuple[str, ...]:
    """The files under `folder`, relative to it, sorted."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()))
