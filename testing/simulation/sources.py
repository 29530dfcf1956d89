"""Sources: the files of a template, with lines that depend on answers, and what they render to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from copperplate.system.disk import File

WHEN: dict[str, tuple[str, Callable[[Mapping[str, object]], bool]]] = {
    "extra": ("extra", lambda data: data.get("extra") is True),
    "more": ("more|default(false)", lambda data: data.get("more") is True),
    "MIT": ("license == 'MIT'", lambda data: data["license"] == "MIT"),
    "Apache": ("license == 'Apache-2.0'", lambda data: data["license"] != "MIT"),
}


Data = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Form:
    """Form of a file: each line is written like `entry`, between the texts `before` and `after`."""

    before: str = ""
    entry: str = "{token} = {number}"
    after: str = ""


PLAIN = Form()


ENTRIES = {
    "pyproject.toml": Form(
        '[project]\nname = "shop"\nversion = "0"\ndependencies = [\n',
        '  "{token}>={number}",',
        ']\n\n[dependency-groups]\ndev = ["pytest>=9"]\n',
    ),
    "src/@/routes.py": Form('"""Routers."""\n\nROUTERS = (\n', '    "{token}",', ")\n"),
}


LISTS = tuple(ENTRIES)
"""Files that are a list of entries. Both sides only ever add to them."""


@dataclass(frozen=True, slots=True)
class Line:
    token: int
    when: str = ""

    def text(self, form: Form = PLAIN) -> str:
        return form.entry.format(token=f"t{self.token}", number=self.token * 7919)

    def is_in(self, data: Data) -> bool:
        return not self.when or WHEN[self.when][1](data)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the template."""

    lines: tuple[Line, ...]
    when: str = ""
    mode: int = 0o644
    end: str = "\n"
    """Of each line."""
    last: bool = True
    """True if the last line ends so, too."""
    binary: bool = False
    form: Form = PLAIN

    def rendered(self, data: Data) -> File:
        return self._file([line.text(self.form) + self.end for line in self.lines if line.is_in(data)])

    def template(self) -> File:
        """As Copier reads it."""
        return self._file([self._marked(line) for line in self.lines])

    @property
    def is_plain(self) -> bool:
        return all(not line.when for line in self.lines)

    def _marked(self, line: Line) -> str:
        text = line.text(self.form) + self.end
        return f"{{% if {WHEN[line.when][0]} %}}{text}{{% endif %}}" if line.when else text

    def _file(self, lines: list[str]) -> File:
        text = "".join([self.form.before, *lines, self.form.after])
        content = (text if self.last else text.removesuffix(self.end)).encode()
        return File(self.mode, b"\0\xff" + content if self.binary else content)


Sources = dict[str, Source]
