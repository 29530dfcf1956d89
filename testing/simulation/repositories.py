"""Repositories with realistic settings: line ends, attributes, the index, sparse checkouts, paths."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from testing.git import raw
from testing.simulation.snapshots import LINK, Blob, Files

PREFIX = "shop/"
_FORMS = {"union": "*.md merge=union", "no merge": "*.txt -merge", "binary": "*.md binary"}
_ATTRIBUTES = {
    **_FORMS,
    "text=auto": "* text=auto",
    "eol=crlf": "*.md text eol=crlf",
    "eol=lf": "*.txt text eol=lf",
    "marker size": "* conflict-marker-size=20",
}
_AUTOCRLF = {"autocrlf=true": "true", "autocrlf=input": "input"}
_LATE = {f"late {name}": value for name, value in _AUTOCRLF.items()}
_BITS = ("skip-worktree", "assume-unchanged")
SETTINGS = (
    *(*_ATTRIBUTES, *_AUTOCRLF, *_LATE, *_BITS),
    *("late text=auto", "private marker size", "sparse", "split index", "sha256", "worktree", "odd path"),
    "two projects",
)
_CONVERTING = {*_AUTOCRLF, *_LATE, "text=auto", "late text=auto", "eol=crlf", "eol=lf"}


@dataclass(frozen=True, slots=True)
class Repository:
    top: Path
    """Of the work tree."""
    settings: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        return PREFIX if "two projects" in self.settings else ""

    @property
    def project(self) -> Path:
        return self.top / self.prefix

    @property
    def other(self) -> Path | None:
        """Another project beside it."""
        return self.top / "other" if self.prefix else None

    @property
    def git_dir(self) -> Path:
        """Folder of git."""
        return self.top.with_name("main") / ".git" if "worktree" in self.settings else self.top / ".git"

    @property
    def converts(self) -> bool:
        """True if line ends on the disk are others than those that are committed."""
        return bool(_CONVERTING & set(self.settings))

    @property
    def sparse(self) -> list[str]:
        """Option of git for paths that the checkout leaves out."""
        return ["--sparse"] if "sparse" in self.settings else []

    def merges_by_lines(self, path: str) -> bool:
        ends = (form.split()[0][1:] for name, form in _FORMS.items() if name in self.settings)
        return not any(path.endswith(end) for end in ends)

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return raw(*arguments, cwd=self.project, stdin=stdin)

    def set_late(self, work: Callable[[], str]) -> None:
        """Set what is set after the first work on a project; `work` names a file that the user may edit."""
        for name in sorted(self.settings, key=_BITS.__contains__):  # edits are hidden last
            if name in _LATE:
                self.git("config", "core.autocrlf", _LATE[name])
            elif name == "late text=auto" and not self._has_attributes("* text=auto"):  # it would commit hidden edits
                self._attributes("* text=auto")
                self.git("add", "--renormalize", "--", ".")
                self.git("add", "--", ".gitattributes")
                self.git("commit", "--quiet", "--allow-empty", "--message=attributes")
            elif name == "sparse":
                folders = [f"{self.prefix}docs", f"{self.prefix}mine", *(["other/docs"] if self.prefix else [])]
                self.git("-C", str(self.top), "sparse-checkout", "set", "--cone", *folders)
            elif name in _BITS and (path := work()):
                self.git("--literal-pathspecs", "update-index", f"--{name}", "--", path)

    def clear_bits(self) -> None:
        """Let git see again what the user has hidden from it."""
        if set(_BITS) & set(self.settings):
            names = self.git("ls-files", "-z")
            for bit in _BITS:
                self.git("update-index", f"--no-{bit}", "-z", "--stdin", stdin=names)

    def hidden(self) -> Files:
        """Files that are in the index, and that git does not look for in the work tree."""
        if not {"sparse", "skip-worktree"} & set(self.settings):
            return {}
        fields = [field.partition(b"\t") for field in self.git("ls-files", "-t", "--stage", "-z").split(b"\0")[:-1]]
        found = {path.decode(errors="surrogateescape"): facts.split() for facts, _, path in fields}
        return {path: self._blob(mode, oid) for path, (tag, mode, oid, _) in found.items() if tag == b"S"}

    def _blob(self, mode: bytes, oid: bytes) -> Blob:
        kind = {b"100644": 0o644, b"100755": 0o755, b"120000": LINK}[mode]
        return Blob(kind, self.git("cat-file", "blob", oid.decode()))

    def _has_attributes(self, line: str) -> bool:
        file = self.project / ".gitattributes"
        return file.is_file() and line in file.read_text().splitlines()

    def _attributes(self, line: str) -> None:
        with (self.project / ".gitattributes").open("a") as file:
            file.write(f"{line}\n")

    def set_up(self) -> None:
        for name in self.settings:
            if name in _ATTRIBUTES:
                self._attributes(_ATTRIBUTES[name])
            elif name in _AUTOCRLF:
                self.git("config", "core.autocrlf", _AUTOCRLF[name])
            elif name == "private marker size":
                (self.git_dir / "info" / "attributes").write_text("* conflict-marker-size=20\n")
            elif name == "split index":
                self.git("config", "core.splitIndex", "true")


def create(folder: Path, settings: Collection[str], ignored: str) -> Repository:
    made = Repository(folder / ("re\npository" if "odd path" in settings else "repository"), tuple(settings))
    main = folder / "main" if "worktree" in settings else made.top
    main.mkdir()
    form = "sha256" if "sha256" in settings else "sha1"
    begin = Repository(main)
    begin.git("init", "--quiet", "--template=", f"--object-format={form}")
    (main / ".git" / "info").mkdir()
    (main / ".git" / "info" / "exclude").write_text(f"{ignored}\n")
    if main != made.top:
        begin.git("commit", "--quiet", "--allow-empty", "--message=first")
        begin.git("worktree", "add", "--quiet", "-b", "other", str(made.top))
    made.project.mkdir(exist_ok=True)
    made.set_up()
    return made
