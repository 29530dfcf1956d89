"""Remote templates: git repositories whose tags are versions (PEP 440), fetched into the user's cache.

The program `git-remote-copperplate` is here too. Git runs it for the address `copperplate://template`
(gitremote-helpers(7)). With it, plain Copier and git find the template in this package, wherever it is installed:
`copier copy git+copperplate://template`. It only serves this history.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from copperplate.errors import BrokenError, CopperplateError, InputError
from copperplate.errors.inputs import LinkInTemplateError
from copperplate.git import query
from copperplate.progress import Progress
from copperplate.system import disk, folders
from copperplate.system.disk import File
from copperplate.templates import bundled, location
from copperplate.templates.bundled import Release, newest_version, parsed_version
from copperplate.templates.location import Address

TIMEOUT = 120.0
"""Timeout in seconds for an address that does not answer."""
_MODES = {"100644": 0o644, "100755": 0o755}


class RemoteVersions(Mapping[str, Release]):
    """Versions in a repository by their tags, oldest first; each is read on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = [(version, tag) for tag in query.tags(folder) if (version := parsed_version(tag)) is not None]
        self._tags = [tag for _, tag in sorted(found)]

    def __getitem__(self, tag: str) -> Release:
        if tag not in self._tags:
            raise KeyError(tag)
        return Release(tag, files_at(self._folder, f"refs/tags/{tag}", tag))

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)

    def named(self, wanted: str) -> str | None:
        """Return the tag of the version `wanted`, with or without the tag's prefix: `1.2` finds `v1.2`."""
        equal = [tag for tag in self if parsed_version(tag) == parsed_version(wanted) is not None]
        return wanted if wanted in self else next(iter(equal), None)

    @property
    def newest(self) -> str | None:
        return newest_version(self)


@contextmanager
def fetch(address: Address, version: str | None, progress: Progress) -> Iterator[tuple[RemoteVersions, str]]:
    """Fetch all versions at `address`, and return them with the tag of `version`, of the address, or of the newest.

    A version that was fetched before needs no network.
    """
    wanted = version or address.tag
    with template_repository(address.url) as folder:
        known = RemoteVersions(folder)
        if wanted is None or known.named(wanted) is None:
            with progress.step("Fetch template"):
                _fetch(folder, address.url, known)
            known = RemoteVersions(folder)
        tag = known.named(wanted) if wanted else known.newest
        if tag is None:
            raise _unknown(address.url, wanted, known)
        yield known, tag


def _fetch(folder: Path, url: str, known: RemoteVersions) -> None:
    done = query.fetch_tags(url, into=folder, timeout=TIMEOUT)
    if done.code == 0:
        return
    why = done.complaint.removeprefix("fatal: ").removeprefix("error: ")
    before = f"fetched before, for --template-version: {', '.join(known)}" if known else ""
    what = f"the template at {url} cannot be fetched: {why}"
    raise BrokenError(what, before or f"try it with git: git ls-remote --tags {url}")


def _unknown(url: str, wanted: str | None, known: RemoteVersions) -> InputError:
    if not known:
        return InputError(f"the template at {url} has no version", "tag one there, such as 1.0.0")
    return InputError(f"the template at {url} has no version {wanted!r:.60}", f"it has {', '.join(known)}")


def files_at(folder: Path, revision: str, version: str) -> dict[str, File]:
    """Return the template's files at a revision of the repository in `folder`, which is its version `version`."""
    entries = {path: entry for path, entry in query.tree(folder, revision).items() if location.is_part(path)}
    if "copier.yml" not in entries:
        what = f"version {version} contains no copier.yml"
        raise InputError(what, "name the address of a template made for Copperplate")
    for path, entry in entries.items():
        if entry.mode not in _MODES:
            what = f"{path} in version {version} is a link"
            raise LinkInTemplateError(what, "a template may contain only plain files", path=path)
    contents = query.blobs(folder, [entry.oid for entry in entries.values()])
    return {path: File(_MODES[entry.mode], contents[entry.oid]) for path, entry in entries.items()}


_DAY = 24 * 60 * 60
_MAKING = ".making-"


def history_repository() -> AbstractContextManager[Path]:
    """Open a repository with a tag for each release; it exists at least until the context is left."""
    stream = bundled.stream()
    return _kept("history", stream, lambda folder: query.import_stream(folder, stream), days=1)


def template_repository(url: str) -> AbstractContextManager[Path]:
    """Open the repository for the versions of `url`; the first time, it is empty."""
    return _kept("templates", url.encode(), lambda _: None, days=90)


@contextmanager
def _kept(part: str, key: bytes, fill: Callable[[Path], None], *, days: int) -> Iterator[Path]:
    """Open a repository in the cache, removed after `days` without use; without a cache, a temporary one."""
    kept = folders.cache(part) / f"{hashlib.sha256(key).hexdigest()[:32]}.git"
    with suppress(OSError):
        if not kept.is_dir():
            _clear(kept.parent, days)
            _keep(kept, fill)
        os.utime(kept)
    if kept.is_dir():
        yield kept
        return
    with folders.temporary() as made:
        _make(made, fill)
        yield made


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    query.init_bare(folder)
    fill(folder)


def _keep(kept: Path, fill: Callable[[Path], None]) -> None:
    """Move the repository into the cache in one step; a second process that does the same uses the first one's."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=kept.parent, prefix=_MAKING))
    try:
        _make(making, fill)
        making.rename(kept)
    finally:
        disk.remove_tree(making)


def _clear(folder: Path, days: int) -> None:
    """Remove repositories that were unused for long, and those of killed runs."""
    for other in folder.iterdir() if folder.is_dir() else ():
        if time.time() - other.stat().st_mtime > (1 if other.name.startswith(_MAKING) else days) * _DAY:
            disk.remove_tree(other)


_ADDRESS = "copperplate://template"
_NAME = "git-remote-copperplate"


def main() -> None:
    sys.exit(serve(sys.argv[1:]))


def serve(arguments: list[str]) -> int:
    match arguments:
        case [_, address] if address == _ADDRESS:
            pass
        case [_, address]:
            return _refused(f"there is no template at {address!r:.200}, only at {_ADDRESS}")
        case _:
            return _refused(f"git runs this program; try: git ls-remote {_ADDRESS}")
    try:
        return _answer()
    except CopperplateError as problem:
        return _refused(f"{problem.what}; {problem.hint}")


def _answer() -> int:
    # Unbuffered: the data after the command is for git, which reads the same pipe.
    with open(0, "rb", buffering=0, closefd=False) as commands:
        while line := commands.readline().strip():
            match line:
                case b"capabilities":
                    _say("connect\n\n")
                case b"connect git-upload-pack":
                    with history_repository() as served:
                        _say("\n")
                        return query.upload_pack(served)
                case _:
                    return _refused(
                        f"the template can only be read; git asked for {line[:60].decode(errors='replace')!r}"
                    )
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _refused(why: str) -> int:
    sys.stderr.write(f"{_NAME}: {why}\n")
    return 1
