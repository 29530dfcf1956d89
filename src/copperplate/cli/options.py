"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

from copperplate.errors import InputError

HERE = Path()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Project = Annotated[
    Path | None,
    typer.Option("--project", metavar="PATH", help="Project, or a folder in it; otherwise, the current folder."),
]
ProjectArgument = Annotated[
    Path | None, typer.Argument(metavar="PATH", help="The same as --project.", show_default=False)
]
TemplateAddress = Annotated[
    str | None,
    typer.Option("--template", metavar="URL-OR-PATH", help="Use the template in this git repository or folder."),
]
TemplateVersion = Annotated[
    str | None, typer.Option(metavar="VERSION", help="Use this version of the template; otherwise, the newest.")
]
Trust = Annotated[bool, typer.Option("--trust", help="Allow a third-party template to run code.")]


def project_folder(argument: Path | None, option: Path | None) -> Path:
    """The folder that was named, in either way; otherwise, the current one."""
    if argument is not None and option is not None and argument.resolve() != option.resolve():
        raise InputError(f"{argument} and --project {option} name two projects", "name one of them")
    return argument or option or HERE
