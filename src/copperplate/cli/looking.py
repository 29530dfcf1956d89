"""The verbs that look and change nothing: `status`, `diff`, `verify`, `doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from copperplate.cli.options import Debug, Json, ProjectFolder


def status(path: ProjectFolder = Path(), json: Json = False, debug: Debug = False) -> None:
    """Show where a project stands: its version, the newest, what each side changed. Exit code 1 on drift."""
    del debug
    from copperplate import console
    from copperplate.commands import status as command

    result = command.status(path, progress=console.LiveProgress())
    if json:
        console.as_json({"drifted": result.drifted, "behind": result.behind, **result.facts()})
    else:
        console.status(result)
    raise typer.Exit(result.exit_code)


def diff(
    path: ProjectFolder = Path(),
    stat: Annotated[bool, typer.Option("--stat", help="One line a file, instead of the patch.")] = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Print what a project has otherwise than its version of the template, as a patch."""
    del debug
    from copperplate import console
    from copperplate.commands import diff as command

    result = command.diff(path, colour=console.shows_colour() and not json, progress=console.LiveProgress())
    if json:
        console.as_json({"path": result.path, "template_version": result.template_version, "files": result.files})
    else:
        console.raw(result.summary if stat else result.patch)


def verify(
    path: ProjectFolder = Path(),
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the result as JUnit XML too.")] = None,
    summary: Annotated[Path | None, typer.Option(metavar="FILE", help="Append it as Markdown to this file.")] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Run a project's own checks: lock, format, lint, types, migrations, tests, boot."""
    del debug
    from copperplate import console
    from copperplate.commands import verify as command
    from copperplate.console import tables
    from copperplate.reports import Reports

    result = command.verify(path, progress=console.LiveProgress(), reports=Reports(junit, summary))
    if json:
        console.as_json({"passed": result.passed, "seconds": result.seconds, "levels": result.levels})
    else:
        tables.verify(result)
    raise typer.Exit(result.exit_code)


def doctor(json: Json = False, debug: Debug = False) -> None:
    """Show what this machine has and lacks: git, uv, Pythons, servers."""
    del debug
    from copperplate import console
    from copperplate.commands import doctor as command

    result = command.doctor()
    if json:
        console.as_json({"healthy": result.healthy, "findings": result.findings})
    else:
        console.doctor(result)
    raise typer.Exit(result.exit_code)
