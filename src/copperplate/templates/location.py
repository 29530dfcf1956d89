"""Location of a template: the address of a git repository, or a folder with the files that belong to the template."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from copperplate.errors import InputError
from copperplate.errors.inputs import LinkInTemplateError, NoTemplateError
from copperplate.git import query

_LOOKS_LIKE_ONE = re.compile(r"(?i)^(git\+|[a-z][a-z0-9+.-]*:(//|:)|[^/\s:]+@[^/\s:]+:)")
_SHORT_SSH = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[\w~/][^\s:@]*")
_TAGGED = re.compile(r"(?P<url>.*/[^/@]*)@(?P<tag>[A-Za-z0-9][A-Za-z0-9.+_-]*)")
_SCHEMES = ("https", "ssh", "file")
_HINT = "give https://…, ssh://…, git@HOST:PATH or file:///…; or the path of a folder"


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    """Address for git."""
    tag: str | None

    @property
    def source(self) -> str:
        """Return the address as a project records it, with the prefix by which Copier recognises a git address."""
        return f"git+{self.url}" if "://" in self.url else self.url


@dataclass(frozen=True, slots=True)
class NamedTemplate:
    """Template that the user names: an address, or the path of a folder."""

    where: str
    version: str | None = None
    """One of its tags; without it, the newest version, or the working tree of the folder."""
    trust: bool = False
    """True if it may run code during rendering."""

    @property
    def is_plain_folder(self) -> bool:
        """True for the working tree of a folder, and not one of its versions."""
        return self.version is None and not is_address(self.where)


def is_address(text: str) -> bool:
    """True if `text` is an address, and not the path of a folder."""
    return _LOOKS_LIKE_ONE.match(text) is not None


def parse(text: str) -> Address:
    """Read `[git+]URL[@TAG]`; raises `InputError` for one that could run a program, prompt, or reveal a password."""
    bare = text.removeprefix("git+")
    tagged = _TAGGED.fullmatch(bare)
    url, tag = (tagged["url"], tagged["tag"]) if tagged else (bare, None)
    if any(not character.isprintable() or character.isspace() for character in url):
        raise InputError(f"{text!r:.200} is no address of a template", _HINT)
    if "://" not in url:
        if not _SHORT_SSH.fullmatch(url):
            raise InputError(f"{text!r:.200} is no address of a template", _HINT)
        if not url.startswith("git@"):
            raise InputError(f"{text!r:.200} would later not be recognised as an address", "write ssh://USER@HOST/PATH")
        return Address(url, tag)
    _check(text, url)
    return Address(url, tag)


def of_folder(path: Path) -> Address:
    """Return the address of a repository on this machine."""
    if not path.is_dir():
        raise InputError(f"{path} is not a folder", _HINT)
    return Address(path.resolve().as_uri(), tag=None)


def _check(text: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        host, user, secret = parts.hostname or "", parts.username, parts.password
    except ValueError:
        raise InputError(f"{text!r:.200} is no address of a template", _HINT) from None
    if parts.scheme not in _SCHEMES:
        raise InputError(f"{parts.scheme}: is not a safe way to fetch a template", _HINT)
    if secret is not None or (parts.scheme == "https" and user is not None):
        what = "the address of the template contains a user name or password, which every project would record"
        raise InputError(what, "remove it, and give it to git: git help credentials")
    is_wrong = host.startswith("-") or (user or "").startswith("-") or (parts.scheme != "file" and not host)
    if is_wrong or len(parts.path) < 2 or parts.query or parts.fragment:  # noqa: PLR2004 - a slash and a name
        raise InputError(f"{text!r:.200} is no address of a template", _HINT)


PARTS = ("copier.yml", "features", "notes", "resource", "template", "template.lock")
_STRAY = {".git", ".hg", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
_STRAY_FILES = {".DS_Store", ".coverage"}


def template_files(root: Path) -> list[str]:
    """Return the paths, relative to `root`, of all files of the template there, sorted; links are refused."""
    if not root.is_dir():
        hint = "name the folder or the address of a template: --template"
        raise NoTemplateError(f"{root}: there is no such folder", hint, root=root, is_folder=False)
    if not (root / "copier.yml").is_file():
        hint = "name the folder of a template made for Copperplate"
        raise NoTemplateError(f"{root} contains no copier.yml", hint, root=root, is_folder=True)
    kept = query.kept_files(root, PARTS)
    found = sorted(name for name in (_walk(root) if kept is None else kept) if not _is_stray(Path(name)))
    for name in found:
        if not (root / name).resolve().is_relative_to(root) or (root / name).is_symlink():
            what = f"{root / name} is a link"
            raise LinkInTemplateError(what, "a template may contain only plain files", path=name)
    return found


def is_part(path: str) -> bool:
    """True if the file at `path`, relative to the root of a template, belongs to the template."""
    return Path(path).parts[0] in PARTS and not _is_stray(Path(path))


def _walk(root: Path) -> list[str]:
    names = [part for part in PARTS if (root / part).is_file()]
    for part in PARTS:
        for folder, _, entries in os.walk(root / part):
            names += [(Path(folder) / entry).relative_to(root).as_posix() for entry in entries]
    return names


def _is_stray(path: Path) -> bool:
    return bool(_STRAY.intersection(path.parts)) or path.name in _STRAY_FILES or path.suffix in {".pyc", ".pyo"}
