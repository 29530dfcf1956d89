"""Verbs for new projects: `new`, `features`."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copperplate.cli.options import (
    Data,
    Json,
    TemplateAddress,
    TemplateVersion,
    Trust,
    argument,
    complete_features,
    flag,
    option,
)
from copperplate.errors import Cancelled, CopperplateError, ExitCode, InputError
from copperplate.system import signals

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from copperplate.questions.answers import Answers
    from copperplate.questions.manifest import Value
    from copperplate.templates.template import Template

_DEFAULTS = "Ask nothing, and use the default for every answer that is not given."
_WITH = "Add this feature; `copperplate features` lists all. May be repeated."
_WITHOUT = "Leave out this feature. May be repeated."


def new(
    destination: Annotated[
        str, argument("DEST", "Folder of the new project: a new one, an empty one, or a repository without commits.")
    ],
    defaults: Annotated[bool, flag(_DEFAULTS, "--defaults", "--yes", "-y")] = False,
    data: Data = None,
    answers: Annotated[Path | None, option("FILE", "Read answers from a YAML, JSON or TOML file.")] = None,
    with_: Annotated[list[str] | None, option("FEATURE", _WITH, "--with", complete=complete_features)] = None,
    without: Annotated[list[str] | None, option("FEATURE", _WITHOUT, complete=complete_features)] = None,
    no_install: Annotated[bool, flag("Do not lock and do not install; works without network.", "--no-install")] = False,
    no_git: Annotated[bool, flag("Create no repository and no commit.", "--no-git")] = False,
    run_verify: Annotated[bool, flag("Run the project's own checks at the end.", "--verify")] = False,
    python: Annotated[str | None, option("VERSION", "Python of the project's environment, such as 3.13.")] = None,
    dry_run: Annotated[bool, flag("List the files that would be written, and write nothing.", "--dry-run")] = False,
    template: TemplateAddress = None,
    template_version: TemplateVersion = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Create a new project in DEST: render, lock, commit, install.

    On a terminal, it asks the questions that no option answers. Ctrl-C cancels, and nothing is left behind.
    """
    from copperplate.commands import new as command
    from copperplate.console import messages, output
    from copperplate.destination import checked
    from copperplate.questions import inputs

    if run_verify and no_install:
        raise InputError("--verify needs the project installed", "leave out --no-install or --verify")
    path = checked(destination)
    with _template(template, template_version, trust=trust) as source:
        given = inputs.gathered(
            source.manifest, file=answers, data=data or (), with_=with_ or (), without=without or ()
        )
        # The newest version now: by the time the command is repeated, there may be a newer one.
        version = template_version or (None if source.is_plain_folder else source.version)
        switches = {"--no-install": no_install, "--no-git": no_git, "--trust": trust}
        values = {"--python": python, "--template": template, "--template-version": version}
        given_values = (part for name, value in values.items() if value for part in (name, value))
        flags = (*(name for name, on in switches.items() if on), *given_values)

        def equivalent(answered: "Answers") -> str:
            return command.equivalent(destination, answered, source.manifest, flags)

        silent = defaults or json or dry_run or not output.is_terminal()
        answered = _assumed(given, path, source) if silent else _interviewed(given, path, source, equivalent)
        if dry_run:
            listed = command.preview(answered, source)
            output.show({"path": path, "files": listed}, lambda: output.files(listed), json=json)
            return
        options = command.Options(install=not no_install, commit=not no_git, verify=run_verify, python=python)
        try:
            result = command.new(path, answered, source, options=options, progress=output.LiveProgress())
        except (CopperplateError, KeyboardInterrupt, signals.Interrupted):
            if not silent:
                messages.again(equivalent(answered))  # the answers that were typed are not lost
            raise
    following = command.next_steps(path, answered)
    same = equivalent(answered)
    if json:
        next_steps = {"next": following.commands, "notes": following.notes}
        output.as_json({"project": result, "command": same, **next_steps})
    else:
        messages.new(result, command=same, next_commands=following.commands, notes=following.notes)
    if result.verified and not result.verified.passed:
        raise typer.Exit(ExitCode.FAILED)


def features(
    template: TemplateAddress = None, template_version: TemplateVersion = None, trust: Trust = False, json: Json = False
) -> None:
    """List the features: what each adds, its files and its default."""
    from copperplate.commands import new as command
    from copperplate.console import messages, output

    with _template(template, template_version, trust=trust) as source:
        result = command.features(source.manifest, source.version)
    output.show(result, lambda: messages.features(result), json=json)


def _template(where: str | None, version: str | None, *, trust: bool) -> "AbstractContextManager[Template]":
    from copperplate.console import output
    from copperplate.templates import template

    return template.opened(where, version, trust=trust, progress=output.LiveProgress())


def _assumed(given: dict[str, Any], path: Path, source: "Template") -> "Answers":
    """Return the given answers, with defaults for all others, and ask nothing."""
    from copperplate.console import messages
    from copperplate.questions import validation
    from copperplate.questions.answers import Answers

    named = {"project_name": validation.derived_project_name(path.name)}
    answers = Answers.from_data(named | given, source.manifest)
    messages.warn_of_folder(source)  # after the checks, so that an error is not mixed with this message
    return answers


def _interviewed(
    given: dict[str, Any], path: Path, source: "Template", equivalent: "Callable[[Answers], str]"
) -> "Answers":
    from copperplate.cli import prompts
    from copperplate.cli.interview import Interview
    from copperplate.console import messages
    from copperplate.questions import validation

    defaults = {"project_name": validation.derived_project_name(path.name), **_author(path)}
    interview = Interview(given, defaults, source.manifest, prompts.for_terminal())
    try:
        messages.warn_of_folder(source)
        interview.ask()
        return interview.confirmed(str(path), equivalent)
    except signals.Interrupted as interrupt:
        if interrupt.number == signal.SIGINT:  # Ctrl-C was pressed between two prompts
            raise Cancelled from None
        raise


def _author(path: Path) -> dict[str, "Value"]:
    """Return default answers for the author, from the git settings at the project's place."""
    from copperplate.git import query
    from copperplate.git.run import has_git

    if not has_git():
        return {}
    settings = query.settings(next(folder for folder in (path, *path.parents) if folder.is_dir()))
    found = {
        f"author_{part}": os.environ.get(f"GIT_AUTHOR_{part.upper()}")
        or settings.get(f"author.{part}")
        or settings.get(f"user.{part}")
        for part in ("name", "email")
    }
    return {name: value for name, value in found.items() if value}
