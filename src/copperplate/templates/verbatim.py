"""Verbatim files of a template: files that Copier would copy unchanged, which are copied here without Copier.

Copier takes some milliseconds for each file, nearly all of them to render the path. So Copier gets the template without
these files, but with a small file (a probe) for each name that must be rendered, to find its path. If a setting or an
extension could change the result, Copier renders the whole template.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from copperplate.questions import manifest
from copperplate.system.disk import File, write_files

Files = Mapping[str, File]

_ROOT = "template"
_SUBDIRECTORIES = {_ROOT, "{{ 'resource/files' if resource else 'template' }}"}
"""Settings by which a project is rendered from that folder."""
_NOT_RENDERED = ("notes/", "resource/files/", "resource/macros/", "template.lock")
"""Paths that are not rendered into a project, unless a template loads them."""
_PROBE = "copperplate-probe-"
_DELIMITERS = {"block_start_string": "{%", "variable_start_string": "{{", "comment_start_string": "{#"}
_HARMLESS = {
    *_DELIMITERS,
    *("block_end_string", "variable_end_string", "comment_end_string"),
    *("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "undefined"),
}
"""Jinja settings that do not change a text without delimiters."""
_SUFFIX = re.compile(r"\.[^./]+")
_LOOKS_AT_TEMPLATE = re.compile(rb"fileglob|(?<!_)src_path|_copier_conf\b(?!\.)")
"""Pattern for a text that could read the template's folder, or its list of files."""
_CHANGING = {*manifest.RUNS_CODE, "_skip_if_exists"}
_NO_NAME = re.compile(r"[/\\\0\r\n]|^\.{1,2}$")


@dataclass(frozen=True, slots=True)
class Placed:
    """Files that Copier has not rendered, and the folders for them, parents first."""

    folders: tuple[str, ...]
    files: Files

    def clashes_with(self, others: Collection[str]) -> bool:
        """True if one of the paths is one of these files, or one lies below the other."""
        folders = {*self.folders, *_parents(self.files)}
        return not (
            self.files.keys().isdisjoint(others)
            and folders.isdisjoint(others)
            and self.files.keys().isdisjoint(_parents(others))
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Template in two parts: files that Copier renders, and files that are copied."""

    probes: Mapping[str, str]
    """Names that are templates, each with the probe that contains it."""
    suffix: str
    entries: frozenset[str]
    """All files and folders of the template."""
    folders: tuple[str, ...]
    """Folders to make, below the template's root, parents first."""
    files: Files
    """Files to copy, by their paths below the template's root."""

    def placed(self, project: Path, *, is_excluded: Callable[[Path], bool], answers_file: str) -> Placed | None:
        """Remove the probes, and return the copies for `project`; None if Copier has to render everything."""
        names = self._taken_names(project)
        if names is None or any(_NO_NAME.search(name) for name in names.values()):
            return None
        targets = _targets((*self.folders, *self.files), names)
        if any(target and answers_file in target.split("/") for target in targets.values()):
            return None
        kept = {
            path: target
            for path, target in targets.items()
            if target and f"{target}{self.suffix}" not in self.entries and not is_excluded(Path(target))
        }
        files = {kept[path]: file for path, file in self.files.items() if path in kept}
        if len(files) < len(kept.keys() & self.files.keys()):
            return None  # two files have one path
        return Placed(tuple(kept[path] for path in self.folders if path in kept), files)

    def _taken_names(self, project: Path) -> dict[str, str] | None:
        """Return the rendered names; None if the template excludes a probe."""
        found = {name: project / probe for name, probe in self.probes.items() if (project / probe).is_file()}
        names = {name: probe.read_bytes().decode() for name, probe in found.items()}
        for probe in found.values():
            probe.unlink()
        return names if len(names) == len(self.probes) else None


def split(files: Files, rest: Path) -> Split | None:
    """Write the part that Copier has to render into `rest`; None if that is everything, and then `rest` is useless."""
    write_files(manifest.sources(files), rest)
    language = _Language.of(rest)
    if language is None:
        return None
    entries = {*files, *_parents(files)}
    copied = {path for path in entries if language.is_copied(path, entries)}
    read = _read_by_jinja(files, language, copied)
    if read is None:
        return None
    copied -= read
    write_files({path: file for path, file in files.items() if path not in copied}, rest)
    names = sorted({part for path in copied for part in path.split("/") if language.variable in part} | {""})
    probes = {name: f"{_PROBE}{number}" for number, name in enumerate(names)}
    (rest / _ROOT).mkdir(exist_ok=True)
    for name, probe in probes.items():
        (rest / _ROOT / f"{probe}{language.suffix}").write_bytes(name.encode())
    below = {path: path.removeprefix(f"{_ROOT}/") for path in sorted(copied)}
    return Split(
        probes=probes,
        suffix=language.suffix,
        entries=frozenset(entries),
        folders=tuple(short for path, short in below.items() if path not in files),
        files={short: files[path] for path, short in below.items() if path in files},
    )


@dataclass(frozen=True, slots=True)
class _Language:
    """Syntax of the template's names and texts, by its settings."""

    suffix: str
    block: str
    block_end: str
    variable: str
    comment: str

    @classmethod
    def of(cls, template: Path) -> "_Language | None":
        """Return the language of these settings; None if a setting could change what is copied."""
        settings = manifest.settings(template)
        suffix, options = settings.get("_templates_suffix", ".jinja"), settings.get("_envops", {})
        if settings.get("_subdirectory") not in _SUBDIRECTORIES or not settings.keys().isdisjoint(_CHANGING):
            return None
        if not isinstance(options, dict) or not options.keys() <= _HARMLESS:
            return None
        if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
            return None
        block, variable, comment = (str(options.get(name, default)) for name, default in _DELIMITERS.items())
        return cls(suffix, block, str(options.get("block_end_string", "%}")), variable, comment)

    def is_copied(self, path: str, entries: Collection[str]) -> bool:
        """True if the file is not a template, and each part of its path is plain text or has only expressions."""
        root, _, below = path.partition("/")
        if root != _ROOT or not below or f"{self.suffix}/" in f"{path}/" or f"{path}{self.suffix}" in entries:
            return False
        return not any(mark in below for mark in (self.block, self.comment, "\n", "\r"))

    def loads(self, text: bytes) -> Iterator[str | None]:
        """Return the names of the files that Jinja loads for `text`; None if a name is an expression."""
        block, end = (re.escape(mark.encode()) for mark in (self.block, self.block_end))
        name = rb"""(?:\s*(["'])([^"'\\]*)\1\s*(?:[-+]?%b|ignore\b|with\b|without\b|import\b))?""" % end
        for found in re.finditer(rb"%b[-+]?\s*(?:include|import|extends|from)\b%b" % (block, name), text):
            yield None if found[2] is None else os.fsdecode(found[2])


def _read_by_jinja(files: Files, language: _Language, copied: Collection[str]) -> set[str] | None:
    """Return the templates and the files that they load by name; None if one could read any other file."""
    waiting = [path for path in files if path not in copied and not path.startswith(_NOT_RENDERED)]
    found = {*waiting}
    if _LOOKS_AT_TEMPLATE.search(os.fsencode("\n".join(files))):
        return None
    while waiting:
        text = files[waiting.pop()].content
        if _LOOKS_AT_TEMPLATE.search(text):
            return None
        for path in language.loads(text):
            if path is None:
                return None
            if path in files and path not in found:
                found.add(path)
                waiting.append(path)
    return found


def _targets(paths: Collection[str], names: Mapping[str, str]) -> dict[str, str | None]:
    """Return the path of each file and folder; None if a name in it is rendered to an empty text."""
    rendered = ((path, [names.get(part, part) for part in path.split("/")]) for path in paths)
    return {path: "/".join(parts) if all(parts) else None for path, parts in rendered}


def _parents(paths: Collection[str]) -> set[str]:
    folders = {path.rpartition("/")[0] for path in paths} - {""}
    return folders | {str(parent) for folder in folders for parent in PurePosixPath(folder).parents} - {"."}
