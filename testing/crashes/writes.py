"""Observed writes of an update: `observer` is called just before each, to count them or to stop at one."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from copperplate.git.repository import Repository
from copperplate.system import disk

_PATHS = {
    "write": 0,
    "copy": 1,
    "link": 1,
    "move": 0,
    "exchange": 1,
    "replace": 1,
    "remove": 0,
    "make_folder": 0,
    "remove_folder": 0,
    "remove_tree": 0,
    "flush": None,
}
"""The functions of `disk` that write, and which of their arguments is the path that is written."""

_OF_GIT = {"update-ref", "unpack-objects", "index-pack"}
"""Commands of git that write into the user's repository."""


def nobody(verb: str, path: Path) -> None:
    del verb, path


observer: Callable[[str, Path], None] = nobody


def _observe(name: str, at: int | None) -> None:
    write = getattr(disk, name)

    @wraps(write)
    def observed(*arguments: object) -> object:
        path = arguments[at] if at is not None else None
        observer(name.replace("_", " "), path if isinstance(path, Path) else Path())
        return write(*arguments)

    setattr(disk, name, observed)


def _observe_git() -> None:
    run = Repository.run

    def observed(self: Repository, *arguments: str, stdin: bytes = b"", accepted: tuple[int, ...] = (0,)) -> str:
        for verb in _OF_GIT.intersection(arguments):
            observer(verb, self.git_dir)
        return run(self, *arguments, stdin=stdin, accepted=accepted)

    setattr(Repository, "run", observed)  # noqa: B010 - a type checker takes a method for one that stays


for each, number in _PATHS.items():
    _observe(each, number)
_observe_git()
