"""Readers of rendered files: each parses a file as its users do, and returns its parts in one flat list.

Two files mean the same if their lists are equal. A file is rendered from a text, and another one from harmless markers.
If the lists differ only in the text in place of the markers, the text is unchanged and has no other effect.
"""

import ast
import io
import json
import shlex
import tokenize
import tomllib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import yaml
from dotenv import dotenv_values
from dotenv.parser import parse_stream
from markdown_it import MarkdownIt
from markdown_it.token import Token
from ruamel.yaml import YAML

Parts = list[str]


def read(path: str, text: str) -> Parts:
    """The parts of the file `path`, by every parser of its type; raises `LookupError` if there is none."""
    name = PurePosixPath(path).name
    readers = BY_NAME.get(name) or BY_SUFFIX.get(PurePosixPath(name).suffix)
    if readers is None:
        raise LookupError(f"nobody knows how to read {path}")
    return [part for reader in readers for part in reader(text)]


def lines(text: str) -> Parts:
    return text.split("\n")


def toml(text: str) -> Parts:
    return _flat(tomllib.loads(text))


def pyyaml(text: str) -> Parts:
    return _flat(yaml.safe_load(text))


def ruamel(text: str) -> Parts:
    """YAML 1.2, of which `yes` and `010` are other values than of the 1.1 that PyYAML reads."""
    return _flat(YAML(typ="safe", pure=True).load(text))


def json_(text: str) -> Parts:
    return _flat(json.loads(text))


def python(text: str) -> Parts:
    """Every node of the syntax tree with what it holds, and every comment."""
    nodes = [f"{type(node).__name__} {_of_node(node)}" for node in ast.walk(ast.parse(text))]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [*nodes, *(token.string for token in tokens if token.type == tokenize.COMMENT)]


def markdown(text: str) -> Parts:
    """Return the blocks of CommonMark, their marks, and the text between these as a reader sees it."""
    return [part for token in MarkdownIt().parse(text) for part in _of_token(token)]


def dotenv(text: str) -> Parts:
    """Variables as python-dotenv gives them to a program, and all lines that it cannot read."""
    unread = [f"unread {part.original.string}" for part in parse_stream(io.StringIO(text)) if part.error]
    values = dotenv_values(stream=io.StringIO(text), interpolate=True)
    return [*unread, *(f"{name}={value}" for name, value in values.items())]


def shell(text: str) -> Parts:
    """Words and operators of a POSIX shell; comments are none."""
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    return list(words)


def dockerfile(text: str) -> Parts:
    """Each instruction with its words, `LABEL` and `ENV` unquoted; raises `ValueError` on what is no instruction."""
    kept = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    parts: Parts = []
    for line in filter(None, (line.strip() for line in kept.replace("\\\n", " ").split("\n"))):
        instruction, _, rest = line.partition(" ")
        if instruction not in _INSTRUCTIONS:
            raise ValueError(f"{instruction!r} is no instruction")
        parts += [instruction, *(shlex.split(rest) if instruction in {"LABEL", "ENV"} else [rest])]
    return parts


_BUILDING = {"ADD", "ARG", "COPY", "FROM", "ONBUILD", "RUN", "SHELL", "WORKDIR"}
_RUNNING = {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "USER", "VOLUME"}
_INSTRUCTIONS = _BUILDING | _RUNNING
Reader = Callable[[str], Parts]
BY_NAME: dict[str, tuple[Reader, ...]] = {
    "LICENSE": (lines,),
    "Dockerfile": (dockerfile,),
    ".env.example": (dotenv, shell),
    ".python-version": (lines,),
}
BY_SUFFIX: dict[str, tuple[Reader, ...]] = {
    ".toml": (toml,),
    ".yml": (pyyaml, ruamel),
    ".yaml": (pyyaml, ruamel),
    ".json": (json_,),
    ".py": (python,),
    ".md": (markdown,),
    ".sh": (shell,),
}


def _flat(value: object, at: str = "") -> Parts:
    """One part for each leaf, with the way to it and its type."""
    if isinstance(value, dict):
        return [part for name, inner in value.items() for part in _flat(inner, f"{at}/{name}")] or [f"{at} {{}}"]
    if isinstance(value, list):
        return [part for number, inner in enumerate(value) for part in _flat(inner, f"{at}/{number}")] or [f"{at} []"]
    return [f"{at} {type(value).__name__} {value}"]


def _of_node(node: ast.AST) -> str:
    """The names and constants that a node holds itself."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else repr(node.value)
    return " ".join(value for _, value in ast.iter_fields(node) if isinstance(value, str))


def _of_token(token: Token) -> Iterable[str]:
    """A block's own marks; of a line of text, the marks in it and the text between two of them as one part."""
    if token.children is None:
        yield f"{token.type} {token.tag} {token.info} {token.content}"
        return
    shown = ""
    for child in token.children:
        if child.type in {"text", "text_special"}:
            shown += child.content
        else:
            yield shown
            yield f"{child.type} {child.tag} {child.attrs} {child.content}"
            shown = ""
    yield shown
