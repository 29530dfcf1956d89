"""Options that several verbs share, and completion of their values in a shell."""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copperplate.errors import InputError

if TYPE_CHECKING:
    from copperplate.templates.location import NamedTemplate

HERE = Path()
_Verb = Callable[..., None]
_Complete = Callable[[str], list[Any]]


def flag(text: str, *names: str) -> Any:  # noqa: ANN401 - its type is private to Typer, as those below
    return typer.Option(*names, help=text)


def option(metavar: str, text: str, *names: str, complete: _Complete | None = None) -> Any:  # noqa: ANN401
    """Return an option with a value; without `names`, it has the name of its parameter."""
    return typer.Option(*names, metavar=metavar, help=text, autocompletion=complete)


def argument(metavar: str, text: str, *, complete: _Complete | None = None, default: bool = True) -> Any:  # noqa: ANN401
    return typer.Argument(metavar=metavar, help=text, autocompletion=complete, show_default=default)


Json = Annotated[bool, flag("Print one JSON document on standard output.", "--json")]
_Debug = Annotated[bool, flag("Show the traceback of an error.", "--debug")]
Project = Annotated[
    Path | None, option("PATH", "Project, or a folder in it. Default: the current folder.", "--project")
]
ProjectArgument = Annotated[Path | None, argument("PATH", "The same as --project.", default=False)]
TemplateAddress = Annotated[
    str | None, option("URL-OR-PATH", "Use the template in this git repository or folder.", "--template")
]
TemplateVersion = Annotated[str | None, option("VERSION", "Use this version of the template. Default: the newest.")]
Trust = Annotated[bool, flag("Allow a third-party template to run code.", "--trust")]


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


def named_template(where: str | None, version: str | None = None, *, trust: bool = False) -> "NamedTemplate | None":
    if where is None and version is not None:
        raise InputError("--template-version is given without --template", "add --template URL-OR-PATH")
    from copperplate.templates.location import NamedTemplate

    return None if where is None else NamedTemplate(where, version, trust=trust)


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
        asked = next((question for question in questions if question.name == name), None)
        choices = asked.choices.values() if asked else ()
        values = ("true", "false") if asked and asked.kind == "bool" else choices
        found = [(f"{name}={value}", "") for value in values]
    return [pair for pair in found if pair[0].startswith(incomplete)]


Data = Annotated[
    list[str] | None,
    option("NAME=VALUE", "Answer a question. May be repeated.", "--data", "-d", complete=complete_answers),
]


def complete_checks(incomplete: str) -> list[str]:
    from copperplate.verify import LEVELS

    return [level.name for level in LEVELS if level.name.startswith(incomplete)]
