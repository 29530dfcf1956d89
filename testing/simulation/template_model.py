"""Model of a template with several versions: the result of each is known without a rendering.

Every line has a unique token (`t1`, `t2`, …), so that a test can find the origin of each line.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from copperplate.system.disk import File
from copperplate.templates.bundled import Release
from testing import ROOT
from testing.simulation.actions import Act, picked
from testing.simulation.sources import ENTRIES, LISTS, WHEN, Data, Line, Source, Sources
from testing.worlds import ANSWERS as ANSWERS_TEMPLATE
from testing.worlds import CORE

ANSWERS = ".copier-answers.yml"
FIRST_WITH_MORE = 1
"""The version (counted from 0) that begins to ask for `more`."""
_CORE = f"_subdirectory: template\n_templates_suffix: .jinja\n{CORE}"
_FEATURE = """\
---
%s: {type: bool, default: %s, help: More}
_feature: {title: Extra, adds: more}
"""


@dataclass
class Evolving:
    """All versions of a template."""

    versions: list[Sources] = field(default_factory=list)
    tokens: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def of(cls, versions: tuple[tuple[Act, ...], ...]) -> "Evolving":
        made = cls()
        made.versions.append(made.first())
        for acts in versions:
            made.versions.append(made.next(made.versions[-1], acts))
        return made

    @property
    def names(self) -> list[str]:
        return [f"{number + 1}.0" for number in range(len(self.versions))]

    def release(self, name: str) -> Release:
        sources = self.versions[self.names.index(name)]
        files = {f"template/{ANSWERS_TEMPLATE}": File(0o644, (ROOT / "template" / ANSWERS_TEMPLATE).read_bytes())}
        for path, source in sources.items():
            suffix = "" if source.is_plain else ".jinja"
            files[f"template/{path.replace('@', '{{ package_name }}')}{suffix}"] = source.template()
        files["copier.yml"] = File(0o644, self._questions(name).encode())
        return Release(name, files)

    def rendered(self, name: str, data: Data) -> dict[str, File]:
        """Return the files of the version `name`, without the answers file."""
        package = str(data["package_name"])
        sources = self.versions[self.names.index(name)]
        return {
            path.replace("@", package): source.rendered(data)
            for path, source in sources.items()
            if not source.when or WHEN[source.when][1](data)
        }

    def as_copier_does(self, template: Release, answers: Data, *, source: str, inside: Path) -> dict[str, File]:
        """Take the place of `copperplate.render.rendered`, a thousand times as quickly."""
        del inside
        recorded = {"_commit": template.version, "_src_path": source, **answers}
        lines = (f"{name}: {json.dumps(value)}\n" for name, value in recorded.items())
        return {**self.rendered(template.version, answers), ANSWERS: File(0o644, "".join(lines).encode())}

    def first(self) -> Sources:
        return {
            "README.md": Source((*self._lines(8), *self._lines(2, "extra"), *self._lines(8), *self._lines(1, "MIT"))),
            "src/@/__init__.py": Source(()),
            "src/@/app.py": Source(
                (*self._lines(5), *self._lines(2, "extra"), *self._lines(5), *self._lines(2, "more"))
            ),
            "src/@/extra/__init__.py": Source((), when="extra"),
            "src/@/extra/service.py": Source(self._lines(8), when="extra"),
            "docs/guide.md": Source(self._lines(20)),
            "run.sh": Source(self._lines(4), mode=0o755),
            "logo.bin": Source(self._lines(2), binary=True),
            "pyproject.toml": Source(self._lines(3), form=ENTRIES["pyproject.toml"]),
            "src/@/routes.py": Source(self._lines(3), form=ENTRIES["src/@/routes.py"]),
            "licence.txt": Source((*self._lines(3), *self._lines(1, "MIT"), *self._lines(1, "Apache")), last=False),
        }

    def next(self, before: Sources, acts: tuple[Act, ...]) -> Sources:
        after = dict(before)
        for act in acts:
            verb: Callable[[Sources, Act], None] = getattr(self, f"_{act.verb}")
            verb(after, act)
        return after

    def _questions(self, name: str) -> str:
        number = self.names.index(name)
        asked = ["extra", *(["more"] if number >= FIRST_WITH_MORE else [])]
        features = "".join(_FEATURE % (option, "true" if option == "more" else "false") for option in asked)
        left_out = [
            f"  - \"{{{{ '/{path.replace('@', '*')}' if not {WHEN[source.when][0]} }}}}\"\n"
            for path, source in self.versions[number].items()
            if source.when
        ]
        return _CORE + ("_exclude:\n" + "".join(left_out) if left_out else "") + features

    def _lines(self, number: int, when: str = "") -> tuple[Line, ...]:
        return tuple(Line(next(self.tokens), when) for _ in range(number))

    # What a version may do to the files of the one before.

    def _edit(self, files: Sources, act: Act) -> None:
        path, at = _line_of(files, act)
        lines = files[path].lines
        fresh = tuple(Line(next(self.tokens), line.when) for line in lines[at : at + act.size])
        files[path] = replace(files[path], lines=(*lines[:at], *fresh, *lines[at + act.size :]))

    def _insert(self, files: Sources, act: Act) -> None:
        path, at = _line_of(files, act)
        lines = files[path].lines
        when = ("", "", "extra", "MIT")[act.other % 4]
        files[path] = replace(files[path], lines=(*lines[:at], *self._lines(act.size, when), *lines[at:]))

    def _cut(self, files: Sources, act: Act) -> None:
        path, at = _line_of(files, act)
        lines = files[path].lines
        files[path] = replace(files[path], lines=(*lines[:at], *lines[at + act.size :]))

    def _add(self, files: Sources, act: Act) -> None:
        when = ("", "", "", "extra")[act.other % 4]
        files[self._fresh_path(act)] = Source(self._lines(3 * act.size), when=when)

    def _delete(self, files: Sources, act: Act) -> None:
        del files[_path(files, act)]

    def _move(self, files: Sources, act: Act) -> None:
        source = files.pop(_path(files, act))
        files[self._fresh_path(act)] = source

    def _split(self, files: Sources, act: Act) -> None:
        path = _path(files, act)
        source = files[path]
        half = len(source.lines) // 2
        files[path] = replace(source, lines=source.lines[:half])
        files[self._fresh_path(act)] = replace(source, lines=source.lines[half:])

    def _enclose(self, files: Sources, act: Act) -> None:
        """A file becomes a folder of its name."""
        path = _path(files, act)
        files[f"{path}/inner"] = files.pop(path)

    def _merge(self, files: Sources, act: Act) -> None:
        """Two files become one, at the place of either or at a new one."""
        one, other = _two(files, act)
        if one != other and not files[other].binary:
            gone = files.pop(other)
            files[one] = replace(files[one], lines=(*files[one].lines, *gone.lines))
            if act.line % 3 == 0:
                files[self._fresh_path(act)] = files.pop(one)

    def _swap(self, files: Sources, act: Act) -> None:
        one, other = _two(files, act)
        files[one], files[other] = files[other], files[one]

    def _replace(self, files: Sources, act: Act) -> None:
        """A file takes the place of another one."""
        one, other = _two(files, act)
        files[other] = files.pop(one)

    def _copy(self, files: Sources, act: Act) -> None:
        files[self._fresh_path(act)] = files[_path(files, act)]

    def _move_folder(self, files: Sources, act: Act) -> None:
        """A folder moves to a new name, into itself, or onto a folder of the user's."""
        folders = sorted({path.rpartition("/")[0] for path in files} - {"", "src/@"})
        if (folder := picked(folders, act.file)) is None:
            return
        target = (f"moved{next(self.tokens)}", "mine/own", f"{folder}/inner", "src/@/moved", "docs")[act.other % 5]
        for path in [path for path in files if path.startswith(f"{folder}/") and not path.startswith(f"{target}/")]:
            files.setdefault(f"{target}/{path.removeprefix(folder + '/')}", files.pop(path))

    def _come_back(self, files: Sources, act: Act) -> None:
        """A file that was there once is there again, with other lines or with those it had."""
        once = {path: source for version in self.versions for path, source in version.items() if path not in files}
        free = [path for path in sorted(once) if not _is_in_the_way(path, files)]
        if path := picked(free, act.file):
            files[path] = once[path] if act.other % 2 else Source(self._lines(3 * act.size))

    def _depend(self, files: Sources, act: Act) -> None:
        """One more entry in a list."""
        path = picked(LISTS, act.file) or LISTS[0]
        lines = files[path].lines
        at = (len(lines), 0, len(lines) // 2)[act.other % 3]
        files[path] = replace(files[path], lines=(*lines[:at], *self._lines(act.size), *lines[at:]))

    def _chmod(self, files: Sources, act: Act) -> None:
        path = _path(files, act)
        files[path] = replace(files[path], mode=0o644 if files[path].mode == 0o755 else 0o755)

    def _line_ends(self, files: Sources, act: Act) -> None:
        path = _path(files, act)
        files[path] = replace(files[path], end="\n" if files[path].end == "\r\n" else "\r\n")

    def _last_newline(self, files: Sources, act: Act) -> None:
        path = _path(files, act)
        files[path] = replace(files[path], last=not files[path].last)

    def _binary(self, files: Sources, act: Act) -> None:
        path = _path(files, act)
        files[path] = replace(files[path], lines=self._lines(2), binary=True, end="\n")

    def _fresh_path(self, act: Act) -> str:
        """Of no file that was ever there."""
        folder = ("", "docs/", "src/@/", "new/deep/")[act.other % 4]
        return f"{folder}f{next(self.tokens)}{'.py' if folder == 'src/@/' else '.txt'}"


VERBS = tuple(
    name.removeprefix("_")
    for name in (
        *("_edit", "_insert", "_cut", "_edit", "_insert", "_add", "_delete", "_move", "_split", "_move"),
        *("_enclose", "_chmod", "_line_ends", "_last_newline", "_binary"),
    )
)
MOVES = ("move", "split", "merge", "swap", "replace", "copy", "move_folder", "come_back", "delete", "insert")


def _path(files: Sources, act: Act) -> str:
    package = "src/@/__init__.py"  # left alone, so that there is always something
    return picked(sorted(path for path in files if path not in {package, *LISTS}), act.file) or package


def _two(files: Sources, act: Act) -> tuple[str, str]:
    return _path(files, act), _path(files, replace(act, file=act.file + act.line + 1))


def _is_in_the_way(path: str, files: Sources) -> bool:
    return any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in files)


def _line_of(files: Sources, act: Act) -> tuple[str, int]:
    path = _path(files, act)
    return path, act.line % (len(files[path].lines) + 1)
