"""Repository of the user around a project, with its paths and settings."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.errors.updates import GitUnfinishedError, NoCommitsError, NoRepositoryError
from copperplate.git.query import Location, fetch_missing, locate, promisors, settings
from copperplate.git.run import output, require_merging

_CONVERSIONS = ("autocrlf", "eol", "symlinks", "filemode", "ignorecase", "trustctime", "checkstat")
_STYLES = frozenset({"merge", "diff3", "zdiff3"})
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase or a `git am`",
    "sequencer": "a cherry-pick or a revert of several commits",
    "BISECT_LOG": "a bisection",
}
_MISSING = " missing"
"""Text by which git reports a missing object."""


@dataclass(frozen=True, slots=True)
class Repository(Location):
    settings: dict[str, str]

    @property
    def project(self) -> Path:
        return self.root / self.prefix

    @property
    def index(self) -> Path:
        return self.git_dir / "index"

    @property
    def oid_width(self) -> int:
        return 64 if self.object_format == "sha256" else 40

    @property
    def conversions(self) -> tuple[str, ...]:
        """Flags that make git write files with the user's conversions; they run no program."""
        names = (f"core.{name}" for name in _CONVERSIONS)
        found = {name: self.settings[name] for name in names if name in self.settings}
        found["core.attributesfile"] = self.settings.get("core.attributesfile", str(_default_attributes()))
        return tuple(part for name, value in found.items() for part in ("-c", f"{name}={value}"))

    @property
    def conflict_style(self) -> str:
        style = self.settings.get("merge.conflictstyle", "merge")
        return style if style in _STYLES else "merge"

    @property
    def signs(self) -> bool:
        return self.settings.get("commit.gpgsign", "false").lower() in {"true", "yes", "on", "1"}

    def run(self, *arguments: str, stdin: bytes = b"", accepted: tuple[int, ...] = (0,)) -> str:
        """Run git on the objects and references of this repository, never on its files."""
        variables = {"GIT_DIR": str(self.git_dir)}
        done = output(*arguments, cwd=self.git_dir, variables=variables, stdin=stdin, accepted=accepted)
        return done.text.stdout.strip()

    def contains(self, commit: str) -> bool:
        """True if `commit` is the one that is checked out, or before it."""
        return self.run("merge-base", commit, "HEAD", accepted=(0, 1, 128)) == commit

    def follows(self, commit: str, before: str) -> bool:
        """True if `commit` is `before`, or comes after it."""
        return self.run("merge-base", before, commit, accepted=(0, 1)) == before

    def head(self) -> str:
        return self.run("rev-parse", "--verify", "HEAD^{commit}")

    def committed(self) -> tuple[str, str | None]:
        """Return the current commit, and its tree of the project, with all objects; None if it has no project."""
        if remotes := promisors(self.settings):
            fetch_missing(self.git_dir, remotes, "--filter=blob:none", "HEAD")
            fetch_missing(self.git_dir, remotes, f"HEAD:{self.prefix.rstrip('/')}")
        asked = f"HEAD^{{commit}}\0HEAD:{self.prefix.rstrip('/')}\0"
        said = self.run("cat-file", "-z", "--batch-check=%(objectname)", stdin=os.fsencode(asked))
        head, _, tree = said.partition("\n")
        if head.endswith(_MISSING):
            hint = "commit the project first: git add, git commit"
            raise NoCommitsError(f"{self.root} has no commits", hint, root=self.root)
        return head, None if tree.endswith(_MISSING) else tree

    def complete(self, commit: str) -> None:
        """In a partial clone, fetch all files of `commit`."""
        if remotes := promisors(self.settings):
            fetch_missing(self.git_dir, remotes, commit)

    def tree(self, commit: str) -> str | None:
        """Return the project's tree in `commit`; None if it has none."""
        name = f"{commit}:{self.prefix.rstrip('/')}"
        return self.run("rev-parse", "--verify", "--quiet", name, accepted=(0, 1, 128)) or None


def around(project: Path) -> Repository:
    """Return the repository that contains `project`; refused if there is none, or during a rebase or the like."""
    require_merging()
    if not project.is_dir():
        raise RefusedError(f"{project} is not a folder", "name a project's root")
    found = locate(project)
    if found is None:
        what = f"{project} is in no git work tree, so nothing could be merged or taken back"
        hint = "git init, git add and git commit it first; `git status` tells if git itself refuses it"
        raise NoRepositoryError(what, hint, project=project)
    for name, what in _UNFINISHED.items():
        if (found.git_dir / name).exists():
            told, hint = f"{what} is in progress in {found.root}", "finish or abort it first: git status"
            raise GitUnfinishedError(told, hint, operation=name)
    return Repository(**asdict(found), settings=settings(project))


def _default_attributes() -> Path:
    """Return the place of the user's attributes if no setting names a file."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "git" / "attributes"
