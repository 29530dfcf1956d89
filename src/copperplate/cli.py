"""The command line: parsing, prompting, exit codes; what is done lies in `commands`, what is printed in `console`."""

import io
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copperplate import cli_updating, interrupts
from copperplate.errors import BrokenError, CopperplateError, ExitCode, InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from copperplate.answers import Answers
    from copperplate.template import Template

app = typer.Typer(
    name="copperplate",
    help="Print complete async Python backends from one template. Exit codes: 0 done, 1 a check failed, 2 bad input, "
    "3 refused, 4 conflicts are left, 5 template or tool failed, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
ProjectFolder = Annotated[Path, typer.Argument(help="Root of a project.")]
TemplateAddress = Annotated[
    str | None,
    typer.Option("--template", metavar="URL-OR-PATH", help="Take the template in this git repository or folder."),
]
TemplateVersion = Annotated[
    str | None, typer.Option(metavar="VERSION", help="Take this version of the template; otherwise, the newest.")
]
Trust = Annotated[bool, typer.Option("--trust", help="Let that template run code when it is rendered.")]


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"copperplate {version('copperplate')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


@app.command()
def new(
    destination: Annotated[
        str,
        typer.Argument(
            metavar="DEST", help="Folder of the new project: a new or an empty one, or `.` in a fresh repository."
        ),
    ],
    defaults: Annotated[
        bool, typer.Option("--defaults", "--yes", "-y", help="Ask nothing; what is not given is answered by default.")
    ] = False,
    data: Annotated[
        list[str] | None, typer.Option("--data", "-d", metavar="NAME=VALUE", help="Answer a question. May be repeated.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take answers from a YAML, JSON or TOML file.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="FEATURE", help="Switch a feature on; `copperplate features` lists them."),
    ] = None,
    without: Annotated[list[str] | None, typer.Option(metavar="FEATURE", help="Switch a feature off.")] = None,
    no_install: Annotated[
        bool, typer.Option("--no-install", help="Neither lock nor install: works without network.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Make no repository and no commit.")] = False,
    run_verify: Annotated[bool, typer.Option("--verify", help="Run the project's own checks at the end.")] = False,
    python: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Python of the project's environment, such as 3.13.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files that would be written, and write none.")
    ] = False,
    template: TemplateAddress = None,
    template_version: TemplateVersion = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Print a new project at DEST: render, lock, install, commit.

    Asks on a terminal, and never elsewhere. Ctrl-C leaves nothing.
    """
    del debug  # read by main()
    from copperplate import console, inputs, invocation
    from copperplate.commands import new as command
    from copperplate.destination import checked

    if run_verify and no_install:
        raise InputError("--verify needs the project installed", "leave out --no-install or --verify")
    path = checked(destination)
    with _template(template, template_version, trust=trust) as source:
        given = inputs.gathered(
            source.manifest, file=answers, data=data or (), with_=with_ or (), without=without or ()
        )
        silent = defaults or json or dry_run or not console.is_terminal()
        answered = _answered(given, path, source, ask=not silent)
        if dry_run:
            listed = command.preview(answered, source)
            if json:
                console.as_json({"path": path, "files": listed})
            else:
                console.files(listed)
            return
        options = command.Options(install=not no_install, commit=not no_git, verify=run_verify, python=python)
        flags = _repeated(
            {"--python": python, "--template": template, "--template-version": template_version},
            {"--no-install": no_install, "--no-git": no_git, "--trust": trust},
        )
        same = invocation.equivalent(destination, answered, source.manifest, flags)
        try:
            if not silent:
                _confirm(answered, path)
            result = command.new(path, answered, source, options=options, progress=console.LiveProgress())
        except (CopperplateError, KeyboardInterrupt, interrupts.Interrupted):
            if not silent:
                console.again(same)  # what was typed is not lost
            raise
    following = invocation.next_commands(path, answered, installed=result.installed)
    if json:
        console.as_json({"project": result, "command": same, "next": following})
    else:
        console.new(result, command=same, next_commands=following)
    if result.verified and not result.verified.passed:
        raise typer.Exit(ExitCode.FAILED)


@app.command()
def features(
    template: TemplateAddress = None,
    template_version: TemplateVersion = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the options of a project: what each adds, its files, its dependencies, its default."""
    del debug
    from copperplate import console
    from copperplate.commands import features as command

    with _template(template, template_version, trust=trust) as source:
        result = command.features(source.manifest, source.version)
    if json:
        console.as_json(result)
    else:
        console.features(result)


@app.command()
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


@app.command()
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


@app.command()
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
    from copperplate.reports import Reports

    result = command.verify(path, progress=console.LiveProgress(), reports=Reports(junit, summary))
    if json:
        console.as_json({"passed": result.passed, "seconds": result.seconds, "levels": result.levels})
    else:
        console.verify(result)
    raise typer.Exit(result.exit_code)


@app.command()
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


cli_updating.register(app)


def _template(where: str | None, version: str | None, *, trust: bool) -> "AbstractContextManager[Template]":
    from copperplate import console, template

    return template.opened(where, version, trust=trust, progress=console.LiveProgress())


def _answered(given: dict[str, Any], path: Path, source: "Template", *, ask: bool) -> "Answers":
    from copperplate import fields
    from copperplate.answers import Answers

    name = fields.derived_project_name(path.name)
    if not ask:
        return Answers.from_data({"project_name": name} | given, source.manifest)
    from copperplate import prompts

    return prompts.ask(given, {"project_name": name}, source.manifest)


def _confirm(answers: "Answers", path: Path) -> None:
    from copperplate import console, prompts

    console.summary(answers)
    if not prompts.confirm(str(path)):
        raise KeyboardInterrupt


def _repeated(values: dict[str, str | None], switches: dict[str, bool]) -> tuple[str, ...]:
    """The flags that belong to the command which does the same again."""
    given = (part for flag, value in values.items() if value for part in (flag, value))
    return (*(flag for flag, on in switches.items() if on), *given)


def main() -> None:
    """Run the command line and exit: every error is two lines, unless `--debug` asks for its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a path need not be text, and a locale need not know every letter
            stream.reconfigure(errors="surrogateescape" if stream.encoding == "utf-8" else "backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    try:
        with interrupts.raised():
            return _run(arguments)
    except interrupts.Interrupted as interrupt:
        return _told(
            CopperplateError(
                "interrupted",
                "nothing of an unfinished project is left",
                ExitCode(128 + interrupt.number),
            )
        )
    except CopperplateError as problem:
        if "--debug" in arguments:
            raise
        return _told(problem)
    except Exception as error:
        if "--debug" in arguments:
            raise
        what = f"unexpected {type(error).__name__}: {error}"
        return _told(BrokenError(what, "run it again with --debug, and report what that shows"))


def _run(arguments: list[str]) -> int:
    try:
        code = app(args=arguments, prog_name="copperplate", standalone_mode=False)
    except typer.TyperException as problem:
        raise InputError(problem.format_message(), "copperplate --help tells how it is used") from None
    if code == ExitCode.INTERRUPTED:  # what Typer makes of Ctrl-C at a prompt
        raise interrupts.Interrupted(signal.SIGINT)
    return code if isinstance(code, int) else 0


def _told(problem: CopperplateError) -> int:
    from copperplate import console

    console.error(problem)
    return problem.exit_code
