"""Verbs that only read: `status`, `diff`, `verify`, `doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from copperplate.cli.options import (
    Json,
    Project,
    ProjectArgument,
    TemplateAddress,
    TemplateVersion,
    Trust,
    complete_checks,
    flag,
    named_template,
    option,
    project_folder,
)

_ONLY, _SKIP = "Run only this check. May be repeated.", "Leave out this check. May be repeated."


def status(
    path: ProjectArgument = None,
    project: Project = None,
    template: TemplateAddress = None,
    template_version: TemplateVersion = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Show a project's version, the newest version, and the changes of each.

    Exit code 1 if the project is outdated, an update is unfinished, or its answers file has other entries than the
    template writes.
    """
    from copperplate.commands import status as command
    from copperplate.console import messages, output

    folder, named = project_folder(path, project), named_template(template, template_version, trust=trust)
    result = command.status(folder, named, progress=output.LiveProgress())
    output.show(result.facts(), lambda: messages.status(result, template=template), json=json)
    raise typer.Exit(result.exit_code)


def diff(
    path: ProjectArgument = None,
    project: Project = None,
    template: TemplateAddress = None,
    template_version: TemplateVersion = None,
    trust: Trust = False,
    stat: Annotated[bool, flag("Show one line for each file, not the patch.", "--stat")] = False,
    json: Json = False,
) -> None:
    """Show your changes since the project was generated, as a patch."""
    from copperplate.commands import status as command
    from copperplate.console import output

    folder, named = project_folder(path, project), named_template(template, template_version, trust=trust)
    colour = output.shows_colour() and not json
    result = command.diff(folder, named, colour=colour, progress=output.LiveProgress())
    document = {"path": result.path, "template_version": result.template_version, "files": result.files}
    output.show(document, lambda: output.raw(result.summary if stat else result.patch), json=json)


def verify(
    path: ProjectArgument = None,
    project: Project = None,
    only: Annotated[list[str] | None, option("CHECK", _ONLY, complete=complete_checks)] = None,
    skip: Annotated[list[str] | None, option("CHECK", _SKIP, complete=complete_checks)] = None,
    junit: Annotated[Path | None, option("FILE", "Also write the result as JUnit XML.")] = None,
    summary: Annotated[Path | None, option("FILE", "Append the result to this Markdown file.")] = None,
    json: Json = False,
) -> None:
    """Run the project's own checks on real servers.

    Checks: lock, install, format, lint, types, migrations, isolation, tests, boot.
    """
    from copperplate.commands import verify as command
    from copperplate.console import messages, output
    from copperplate.verify.results import Reports

    chosen = command.chosen(only or (), skip or ())
    folder = project_folder(path, project)
    reports = Reports(junit, summary)
    result = command.verify(folder, checks=chosen, progress=output.LiveProgress(), reports=reports)
    document = {"passed": result.passed, "seconds": result.seconds, "levels": result.levels}
    output.show(document, lambda: messages.verify(result), json=json)
    raise typer.Exit(result.exit_code)


def doctor(json: Json = False) -> None:
    """Show which programs this machine has and lacks."""
    from copperplate.commands import verify as command
    from copperplate.console import messages, output

    result = command.doctor()
    document = {"healthy": result.healthy, "findings": result.findings}
    output.show(document, lambda: messages.doctor(result), json=json)
    raise typer.Exit(result.exit_code)
