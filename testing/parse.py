"""Parsing of every file of an unmodified rendering, by the format of its name.

Projects of users may have files that these parsers do not know. Of the project's programs, only its Python is needed.
"""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from copperplate.git import query
from copperplate.git.run import output
from copperplate.git.trees import parse_paths
from copperplate.project import ANSWERS_FILE
from copperplate.system import folders, process
from copperplate.verify import Level
from copperplate.verify.results import CheckFailed
from copperplate.verify.session import Log, Session
from testing import syntax

TOOLS_OWN = {
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".schemathesis",
    ".venv",
    "__pycache__",
}
"""Folders that the project's tools make and git ignores."""

MARK = re.compile(r"(?<!\$)\{\{[ \w-]|(?<!\$)\{[%#]|# <%")
"""Start of an expression, block or comment of a template; `${{ … }}` is an expression of GitHub."""

MARKED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|# <%.*?%>")

TEMPLATES = ("letters/*.txt", "letters/*.html", "pages/*.html", "templates/*.html", "tests/mail/*.py")
"""Templates of the application itself, and tests that write such files: marks belong there."""

QUOTED = re.compile(r"^```jinja\n.*?^```$", re.MULTILINE | re.DOTALL)
"""Example of such a file in Markdown."""

ASSIGNMENT = re.compile(r"(#.*|[A-Z][A-Z0-9_]*=.*)?")


class _Loader(yaml.SafeLoader):
    """YAML loader that refuses two entries of one name; PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as it is called
        names = [entry.value for entry, _ in node.value if isinstance(entry, yaml.ScalarNode)]
        for name in names:
            if names.count(name) > 1:
                raise yaml.YAMLError(f"{name!r} is there twice{node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def _yaml(text: str) -> None:
    list(yaml.load_all(text, _Loader))


def _ini(text: str) -> None:
    configparser.ConfigParser(interpolation=None).read_string(f"[top]\n{text}")


def _dotenv(text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if not ASSIGNMENT.fullmatch(line):
            raise ValueError(f"line {number} is no NAME=value")


PARSERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".lock": tomllib.loads,
    ".toml": tomllib.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".editorconfig": _ini,
    ".env.example": _dotenv,
}
"""Parsers by suffix or by the whole name."""


def parse(session: Session, log: Log) -> None:
    """Parse each file, and look for marks and bytes that a rendering must not contain."""
    root = session.target.path
    typed = _typed(root)
    files = list(_files(root))
    faults = [f"{file.relative_to(root)}: {fault}" for file in files for fault in _faults(file, typed)]
    faults += _not_python(session, [file.relative_to(root) for file in files if file.suffix == ".py"])
    faults += [f"{name}: git ignores it" for name in ignored(root) if not TOOLS_OWN & set(Path(name).parts)]
    for fault in faults:
        log.say(fault)
    if faults:
        raise CheckFailed(f"faults in {len(files)} files: {len(faults)}")
    log.say(f"{len(files)} files")


PARSE = Level("parse", parse)


def ignored(folder: Path) -> list[str]:
    """Return what git would ignore in a repository made of `folder`; a folder that is ignored whole is one entry."""
    with folders.temporary() as repository:
        query.init_bare(repository)
        place = (f"--git-dir={repository}", f"--work-tree={folder}")
        arguments = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
        return parse_paths(output(*place, *arguments, cwd=folder).stdout)


def _files(root: Path) -> Iterator[Path]:
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            yield from () if entry.name in TOOLS_OWN else _files(entry)
        else:
            yield entry


def _faults(file: Path, typed: tuple[str, ...]) -> Iterator[str]:
    try:
        text = file.read_bytes().decode()
        PARSERS.get(file.name, PARSERS.get(file.suffix, str))(text)
    except (OSError, ValueError, configparser.Error, yaml.YAMLError) as error:
        yield " ".join(str(error).split())
        return
    if text and not text.endswith("\n"):
        yield "does not end with a newline"
    if "\r" in text or "\0" in text:
        yield "holds a carriage return or a NUL"
    if any(file.match(pattern) for pattern in TEMPLATES):
        return
    if mark := _stray_mark(QUOTED.sub("", text), typed):
        yield f"holds a mark of the template: {mark}"


def _not_python(session: Session, files: Sequence[Path]) -> list[str]:
    command = session.in_project("python", syntax.__file__, *map(str, files))
    done = process.run(command, cwd=session.target.path, environment=session.env)
    if done.code != 0:
        raise CheckFailed(f"the project's Python cannot read the files: {done.complaint}")
    return done.stdout.splitlines()


def _stray_mark(text: str, typed: tuple[str, ...]) -> str:
    """Return the line of the first mark that is not in the user's answers, also in the escaped form of a format."""
    for line in text.splitlines():
        if MARK.search(line):
            plain = line.replace("\\", "")
            for expression in typed:
                plain = plain.replace(expression, "")
            if MARK.search(plain):
                return line.strip()
    return ""


def _typed(root: Path) -> tuple[str, ...]:
    """Return the texts in the answers that look like marks, and so may occur in the project."""
    try:
        answers = yaml.safe_load((root / ANSWERS_FILE).read_bytes())
    except (OSError, ValueError, yaml.YAMLError):  # the report has its own line for that
        return ()
    values = answers.values() if isinstance(answers, dict) else ()
    return tuple(found for value in values for found in MARKED.findall(str(value).replace("\\", "")))
