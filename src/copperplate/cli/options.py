"""Options that several verbs share, and completion of their values in a shell."""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated

import typer

from copperplate.errors import InputError

HERE = Path()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
_Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
_Verb = Callable[..., None]
Project = Annotated[
    Path | None,
    typer.Option("--project", metavar="PATH", help="Project, or a folder in it. Default: the current folder."),
]
ProjectArgument = Annotated[
    Path | None, typer.Argument(metavar="PATH", help="The same as --project.", show_default=False)
]
TemplateAddress = Annotated[
    str | None,
    typer.Option("--template", metavar="URL-OR-PATH", help="Use the template in this git repository or folder."),
]
TemplateVersion = Annotated[
    str | None, typer.Option(metavar="VERSION", help="Use this version of the template. Default: the newest.")
]
Trust = Annotated[bool, typer.Option("--trust", help="Allow a third-party template to run code.")]


def with_debug(verb: _Verb) -> _Verb:
    """Return the verb with the option `--debug`, which `main` reads from the arguments."""

    @wraps(verb)
    def debugged(**given: object) -> None:
        given.pop("debug")
        verb(**given)

    return _with_parameters(debugged, [*signature(verb).parameters.values(), _parameter("debug", False, _Debug)])


def with_options(verb: _Verb) -> _Verb:
    """Return the verb with an option for each field of the dataclass that is the type of its argument `options`."""
    own = dict(signature(verb).parameters)
    kind = own.pop("options").annotation
    shared = [_parameter(field.name, field.default, field.type) for field in fields(kind)]

    @wraps(verb)
    def extended(**given: object) -> None:
        chosen = kind(**{parameter.name: given.pop(parameter.name) for parameter in shared})
        verb(**given, options=chosen)

    return _with_parameters(extended, [*own.values(), *shared])


def _parameter(name: str, default: object, annotation: object) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)


def _with_parameters(verb: _Verb, parameters: list[Parameter]) -> _Verb:
    """Return `verb` with the signature that Typer reads."""
    vars(verb)["__signature__"] = Signature(parameters)
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


def project_folder(argument: Path | None, option: Path | None) -> Path:
    """Return the folder that the argument or `--project` names; by default, the current one."""
    if argument is not None and option is not None and argument.resolve() != option.resolve():
        raise InputError(f"{argument} and --project {option} name two projects", "name one of them")
    return argument or option or HERE


def complete_features(incomplete: str) -> list[tuple[str, str]]:
    from copperplate.templates import template

    with template.released() as source:
        titles = [(feature.question.name, feature.title) for feature in source.manifest.features]
    return [found for found in titles if found[0].startswith(incomplete)]


def complete_answers(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a question and `=`, and then the values of a question with choices."""
    from copperplate.templates import template

    with template.released() as source:
        questions = source.manifest.questions
    name, equals, _ = incomplete.partition("=")
    if not equals:
        found = [(f"{question.name}=", question.help) for question in questions]
    else:
        asked = [question for question in questions if question.name == name]
        values = [
            value
            for question in asked
            for value in (("true", "false") if question.kind == "bool" else question.choices.values())
        ]
        found = [(f"{name}={value}", "") for value in values]
    return [pair for pair in found if pair[0].startswith(incomplete)]


Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        "-d",
        metavar="NAME=VALUE",
        help="Answer a question. May be repeated.",
        autocompletion=complete_answers,
    ),
]


def complete_checks(incomplete: str) -> list[str]:
    from copperplate.verify import LEVELS

    return [level.name for level in LEVELS if level.name.startswith(incomplete)]
