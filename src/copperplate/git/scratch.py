"""Scratch repository that borrows the objects of the user's repository.

An update writes its intermediate objects here, so a dry run and a failed update leave nothing in the user's repository.
The user's settings do not apply here: no merge driver, no filter and no hook runs.
"""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.git.query import blobs
from copperplate.git.repository import Repository
from copperplate.git.run import output, with_settings
from copperplate.git.trees import (
    REGULAR,
    SUBMODULE,
    Difference,
    Entry,
    MergedTree,
    compare,
    index_info,
    joined,
    parse_differences,
    parse_index,
    parse_merge,
    parse_tree,
    quoted,
)
from copperplate.system import folders

_FORMAT = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = {}\n"
_PINNED = with_settings(
    "merge.renames=true",
    "diff.renames=true",
    "merge.renameLimit=20000",
    "diff.renameLimit=20000",
    "merge.renormalize=false",
    "diff.algorithm=histogram",
    "fastimport.unpackLimit=0",
    # Objects here are read once and deleted, so they are not compressed.
    "core.compression=0",
    "pack.window=0",
)

_HAS_CONFLICT = 1
_NUMBER_OF_CONFLICTS = tuple(range(128))
"""Exit codes of `git merge-file`."""


@dataclass(frozen=True, slots=True)
class Scratch:
    path: Path
    repository: Repository
    _read: dict[str, Mapping[str, Entry]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def make(cls, path: Path, repository: Repository) -> "Scratch":
        for folder in ("objects/info", "refs/heads", "info"):
            (path / folder).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text(_FORMAT.format(repository.object_format))
        (path / "objects" / "info" / "alternates").write_bytes(b'"%b"\n' % quoted(repository.objects))
        for name in ("info/attributes", "shallow"):
            if (repository.common_dir / name).is_file():
                shutil.copyfile(repository.common_dir / name, path / name)
        return cls(path, repository)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        index: Path | None = None,
        accepted: tuple[int, ...] = (0,),
        variables: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git without a work tree, on objects and on the given index."""
        named = {"GIT_DIR": str(self.path)} | ({"GIT_INDEX_FILE": str(index)} if index else {})
        whole = named | dict(variables or {})
        return output(*_PINNED, *arguments, cwd=self.path, variables=whole, stdin=stdin, accepted=accepted).stdout

    def run_at(self, work_tree: Path, *arguments: str, index: Path, stdin: bytes = b"") -> bytes:
        """Run git on the files of `work_tree`, with the line ends of the user's settings and attributes."""
        variables = {"GIT_DIR": str(self.path), "GIT_WORK_TREE": str(work_tree), "GIT_INDEX_FILE": str(index)}
        variables["GIT_LITERAL_PATHSPECS"] = "1"
        return output(*self.repository.conversions, *arguments, cwd=work_tree, variables=variables, stdin=stdin).stdout

    def write_index(self, index: Path, changes: Mapping[str, Entry | None]) -> None:
        """Replace or add entries of an index, or remove them (if None)."""
        lines = index_info(changes, self.repository.oid_width)
        self.run("update-index", "-z", "--index-info", stdin=lines, index=index)

    def check_out(self, entries: Mapping[str, Entry], folder: Path) -> None:
        """Check out these files below `folder`, as the user's git would."""
        index = self.path / f"{folder.name}.index"
        if not entries:
            return
        self.write_index(index, entries)
        arguments = ("checkout-index", "--force", "-z", "--stdin", f"--prefix={folder}/")
        self.run_at(self.repository.root, *arguments, index=index, stdin=joined(entries))

    def check_out_all(self, tree: str, folder: Path) -> None:
        """Check out all files of `tree` below `folder`, which becomes the work tree of this repository's index."""
        index = self.path / "index"
        self.run("read-tree", tree, index=index)
        self.run_at(folder, "checkout-index", "--all", "--force", "--quiet", index=index)

    def add(self, head: str, files: Mapping[str, bytes]) -> dict[str, Entry]:
        """Store `files` as `git add` would on the commit `head`, with its attributes and line ends."""
        with folders.temporary(self.path.parent) as folder:
            for path, content in files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            index = self.path / "add.index"
            self.run("read-tree", head, index=index)
            self.run_at(folder, "update-index", "-z", "--add", "--replace", "--stdin", index=index, stdin=joined(files))
            return parse_index(self.run("ls-files", "-z", "-s", index=index))

    def import_stream(self, stream: bytes) -> None:
        self.run("fast-import", "--quiet", "--force", "--depth=0", stdin=stream)

    def merge(self, ours: str, theirs: str, *, follow_folders: bool) -> MergedTree:
        """Merge two branches of this repository; `follow_folders` reports files in a folder that one side has moved."""
        renames = f"merge.directoryRenames={'conflict' if follow_folders else 'false'}"
        settings = with_settings(f"merge.conflictStyle={self.repository.conflict_style}", renames)
        command = ("merge-tree", "--write-tree", "-z", "--messages", ours, theirs)
        return parse_merge(self.run(*settings, *command, accepted=(0, _HAS_CONFLICT)))

    def merge_file(self, sides: Sequence[tuple[str, str]], *flags: str, marker_size: int) -> str:
        """Merge one file, given its text and label in the base, in the project and in the template."""
        files = [self.path / f"merge.{number}" for number in range(len(sides))]
        for file, (text, _) in zip(files, sides, strict=True):
            file.write_bytes(text.encode())
        base, ours, theirs = files
        labels = [part for number in (1, 0, 2) for part in ("-L", sides[number][1])]
        merged = self.run(
            *("-c", f"merge.conflictStyle={self.repository.conflict_style}"),
            *("merge-file", "-p", "--quiet", f"--marker-size={marker_size}", *flags, *labels),
            *map(str, (ours, base, theirs)),
            accepted=_NUMBER_OF_CONFLICTS,
        )
        for file in files:
            file.unlink()
        return merged.decode()

    def differences(self, before: str, after: str) -> list[Difference]:
        """Compare two trees. Git is asked for moved files only if a file could have been moved."""
        found = compare(self.entries(before), self.entries(after))
        if all(change.before for change in found) or all(change.after for change in found):
            return found
        command = ("diff-tree", "-r", "--raw", "-z", "--no-abbrev", "-M50%", "-l20000")
        return list(parse_differences(self.run(*command, before, after)))

    def patch(self, before: str, after: str) -> str:
        raw = self.run("diff-tree", "-r", "-p", "-M", "--no-ext-diff", "--no-textconv", "--no-color", before, after)
        return raw.decode("utf-8", "replace")

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return the files of the tree or commit with this id. They are read once, because they never change."""
        if tree not in self._read:
            self._read[tree] = parse_tree(self.run("ls-tree", "-r", "-z", "--full-tree", tree))
        return self._read[tree]

    def known(self, name: str, entries: Mapping[str, Entry]) -> str:
        """Record the known entries of the tree `name`, so that it need not be read. Returns the name."""
        self._read[name] = entries
        return name

    def present(self, oids: Iterable[str]) -> list[str]:
        """Return the objects that exist here or in the user's repository; a partial clone lacks some."""
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        answers = self.run("cat-file", "--batch-check=%(objectname)", stdin=asked) if asked else b""
        return [oid for oid in answers.decode().splitlines() if not oid.endswith(" missing")]

    def files(self, entries: Mapping[str, Entry], paths: list[str]) -> dict[str, bytes]:
        """Return the contents of those of `paths` that are plain files in `entries`."""
        present = ((path, entries[path]) for path in paths if path in entries)
        found = {path: entry.oid for path, entry in present if entry.mode in REGULAR}
        contents = blobs(self.path, sorted(set(found.values()))) if found else {}
        return {path: contents[oid] for path, oid in found.items()}

    def contents(self, entries: Collection[Entry]) -> dict[str, bytes]:
        """Return the contents of files and the targets of links by their ids; for a submodule, its commit."""
        found = {entry.oid: entry.oid.encode() for entry in entries}
        oids = {entry.oid for entry in entries if entry.mode != SUBMODULE}
        return found | (blobs(self.path, sorted(oids)) if oids else {})

    def text(self, entry: Entry) -> str:
        return blobs(self.path, [entry.oid])[entry.oid].decode()

    def store(self, content: bytes) -> str:
        return self.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def edited(self, tree: str, changes: Mapping[str, Entry | None]) -> str:
        """Return `tree` with some entries replaced, added, or (if None) removed."""
        if not changes:
            return tree
        index = self.path / "edit.index"
        self.run("read-tree", tree, index=index)
        self.write_index(index, changes)
        edited = self.run("write-tree", "--missing-ok", index=index).decode().strip()
        index.unlink()
        return edited
