"""What may not lie in the way of an update: looked for before anything is touched."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.updating import index
from copperplate.updating.index import Listing
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import EXECUTABLE, LINK, SUBMODULE, Difference, Entry, blob_id

_SHOWN = 3
_UNSET = {b"unspecified", b"unset"}


def clear(scratch: Scratch, changes: Iterable[Difference]) -> Listing:
    """Refuse if a file of `changes` (from the top of the work tree) is not exactly as it was committed."""
    repository = scratch.repository
    listing = index.listed(scratch, index.copied(scratch, "guards.index"))
    if listing.unmerged:
        raise _in_the_way("conflicts are left", listing.unmerged, "resolve them and commit first: git status")
    changes = list(changes)
    written = [change for change in changes if change.before or change.after]
    _refuse_submodules(listing, written)
    _refuse_filters(scratch, written)
    staged = [change.path for change in changes if listing.stages.get(change.path, {}).get(0) != change.before]
    if staged:
        raise _in_the_way("staged changes are in the way", staged, "commit or unstage them: git restore --staged")
    present = [change for change in changes if change.path not in listing.absent]
    if edited := _edited(scratch, [change for change in present if change.before]):
        raise _in_the_way("uncommitted changes are in the way", edited, "commit them, or put them aside: git stash")
    if untracked := _untracked(repository.root, present):
        raise _in_the_way("files that git does not track are in the way", untracked, "commit or move them")
    return listing


def _refuse_submodules(listing: Listing, changes: list[Difference]) -> None:
    modules = {path for path, stages in listing.stages.items() if stages[0].mode == SUBMODULE}
    inside = [change.path for change in changes if modules & {change.path, *map(str, Path(change.path).parents)}]
    if inside:
        raise _in_the_way("a git submodule is in the way", inside, "move it elsewhere; files in it are its own")


def _refuse_filters(scratch: Scratch, changes: list[Difference]) -> None:
    """A filter is a program of the user's: without it the file would be written as it must not be."""
    names = b"".join(os.fsencode(change.path) + b"\0" for change in changes)
    if not names:
        return
    arguments = ("check-attr", "-z", "--stdin", "filter")
    raw = scratch.run_at(scratch.repository.root, *arguments, index=scratch.path / "guards.index", stdin=names)
    fields = raw.split(b"\0")[:-1]
    found = [os.fsdecode(path) for path, _, value in zip(*[iter(fields)] * 3, strict=True) if value not in _UNSET]
    if found:
        raise _in_the_way("a git filter is set for files of the template", found, "exempt them in .gitattributes")


def _edited(scratch: Scratch, changes: list[Difference]) -> list[str]:
    """Those that are not on the disk as they were committed, line ends apart where git does not count them."""
    root = scratch.repository.root
    plain = []
    edited = []
    for change in changes:
        path, entry = root / change.path, change.before
        if entry is None or _is_other_kind(scratch, path, entry) or _is_through_link(root, change.path):
            edited.append(change.path)
        elif entry.mode == LINK:
            if blob_id(os.fsencode(path.readlink()), scratch.repository.object_format) != entry.oid:
                edited.append(change.path)
        else:
            plain.append(change)
    if plain:
        names = [change.path for change in plain]
        arguments = ("hash-object", "--", *names)
        oids = scratch.run_at(root, *arguments, index=scratch.path / "guards.index").decode().split()
        edited += [c.path for c, oid in zip(plain, oids, strict=True) if c.before and c.before.oid != oid]
    return sorted(edited)


def _is_other_kind(scratch: Scratch, path: Path, entry: Entry) -> bool:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return True
    if entry.mode == LINK:
        return not stat.S_ISLNK(mode)
    modes_count = scratch.repository.settings.get("core.filemode", "true") != "false"
    return not stat.S_ISREG(mode) or (modes_count and bool(mode & 0o100) != (entry.mode == EXECUTABLE))


def _is_through_link(root: Path, path: str) -> bool:
    """A folder above that is a link leads to files which are not those that git knows, perhaps to others' ones."""
    return any((root / folder).is_symlink() for folder in Path(path).parents)


def _untracked(root: Path, changes: list[Difference]) -> list[str]:
    """What is where a new file or its folders have to be, and does not go away by this update itself.

    Also where a conflict is about a file that neither was there nor comes: to resolve it, `git rm` would remove it.
    """
    going = {change.path for change in changes if change.before and not change.after}
    found = set()
    for change in changes:
        if not change.before and (change.after or _is_no_folder(root / change.path)):
            found.update(_at(root, change.path, going))
        if change.after:
            parents = (str(folder) for folder in Path(change.path).parents)
            found.update(at for at in parents if at not in going and _is_no_folder(root / at))
    return sorted(found)


def _at(root: Path, path: str, going: set[str]) -> list[str]:
    """What is at `path`, or in it if it is a folder."""
    if not os.path.lexists(root / path):
        return []
    if (root / path).is_symlink() or not (root / path).is_dir():
        return [path]
    files = (Path(folder, name) for folder, _, names in os.walk(root / path) for name in names)
    below = [file.relative_to(root).as_posix() for file in files]
    return [name for name in below if name not in going]


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _in_the_way(what: str, paths: list[str], hint: str) -> RefusedError:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return RefusedError(f"{what}: {', '.join(paths[:_SHOWN])}{more}", hint)
