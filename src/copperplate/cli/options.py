"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

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
