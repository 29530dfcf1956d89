"""Templates of letters: those of `orders.receipt` are `orders/letters/receipt.txt` and `receipt.html`.

The first line of the text is `Subject: ` and the subject, a template as well, and the second is empty.

Values are never templates. They are escaped in HTML, and cannot end the subject. A variable that a template does not
get is an error, and so is an attribute that a value does not have.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError, meta, select_autoescape

from ..metadata import TITLE

PACKAGE = Path(__file__).parents[1]
SUBJECT = "Subject: "
KINDS = ("subject", "txt", "html")


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(letter: str, values: Mapping[str, object]) -> Rendered:
    subject, text, html = (environment().get_template(_name(letter, kind)).render(values) for kind in KINDS)
    return Rendered(_line(subject), f"{text.strip()}\n", html)


def problems(letter: str, variables: Collection[str]) -> Iterator[str]:
    """Return the faults of the templates of a letter that gives them these variables."""
    known = {*variables, *environment().globals}
    for kind in KINDS:
        name = _name(letter, kind)
        try:
            unknown = _used(name) - known
        except TemplateError as error:
            yield f"{name}: {type(error).__name__}: {error}"
        else:
            yield from (f"{name}: {variable} is no field of what the letter shows" for variable in sorted(unknown))


@cache
def environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_source),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["application"] = TITLE
    return made


def _name(letter: str, kind: str) -> str:
    return f"{letter.replace('.', '/')}.{kind}"


def _source(name: str) -> str | None:
    """Return the source of `orders/receipt.html`, or of the subject, which is the first line of `receipt.txt`."""
    folder, _, file = name.rpartition("/")
    stem, _, kind = file.rpartition(".")
    path = PACKAGE / folder / "letters" / f"{stem}.{'txt' if kind == 'subject' else kind}"
    if not path.is_file():
        return None
    source = path.read_text(encoding="utf-8")
    if kind == "html":
        return source
    first, newline, rest = source.partition("\n")
    if kind == "subject":
        return first.removeprefix(SUBJECT) if first.startswith(SUBJECT) else None
    return newline + rest  # an empty line in place of the subject keeps the line numbers of errors right


def _used(name: str) -> set[str]:
    """Return the variables of this template, and of those that it extends or includes."""
    environment().get_template(name)  # compiles it: an unknown filter is an error as well
    source, *_ = environment().loader.get_source(environment(), name)  # type: ignore[union-attr]
    tree = environment().parse(source)
    others = (other for other in meta.find_referenced_templates(tree) if other)
    return set(meta.find_undeclared_variables(tree)).union(*map(_used, others))


def _line(text: str) -> str:
    """Replace white space and control characters by one space: a line break in a header would begin another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
