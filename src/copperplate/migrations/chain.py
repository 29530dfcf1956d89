"""Chain of revisions: which one follows which, and the head that a new one follows."""

from collections.abc import Sequence
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.migrations import script
from copperplate.migrations.layout import Layout, find_script, read_layout
from copperplate.migrations.script import Script


def of_project(folder: Path, package: str, layout: Layout | None = None) -> list[Script]:
    root = folder.resolve()
    return [script.read(file) for file in (layout or read_layout(root, package)).scripts(root)]


def parted(
    folder: Path, package: str, paths: Sequence[str], layout: Layout | None = None
) -> tuple[list[Script], list[Script]]:
    """The revisions at `paths`, and all others; raises `RefusedError` where there is none."""
    scripts = of_project(folder, package, layout)
    files = [each.file for each in scripts]
    chosen = {path: find_script(path, files, folder.resolve()) for path in paths}
    if missing := sorted(path for path, file in chosen.items() if file is None):
        raise RefusedError(f"{missing[0]} is no database revision of the project", "restore it, and try again")
    named = set(chosen.values())
    return [each for each in scripts if each.file in named], [each for each in scripts if each.file not in named]


def head(scripts: Sequence[Script]) -> str | None:
    """The one revision that no other follows, None where there is no revision; raises `RefusedError` on any other."""
    _refuse_broken(scripts)
    ordered(scripts)
    followed = {parent for each in scripts for parent in each.parents}
    heads = sorted(each.revision for each in scripts if each.revision not in followed)
    if scripts and len(heads) != 1:
        raise RefusedError(
            f"the project's database revisions have {len(heads)} heads: {', '.join(heads)}",
            "join them: uv run alembic merge heads, and commit that",
        )
    return heads[0] if heads else None


def ordered(scripts: Sequence[Script]) -> list[Script]:
    """Each after those of `scripts` that it builds on; else in the order given. Raises `RefusedError` on a circle."""
    left = list(scripts)
    done: list[Script] = []
    while left:
        waiting = {each.revision for each in left}
        ready = next((each for each in left if waiting.isdisjoint(each.parents)), None)
        if ready is None:
            raise RefusedError(
                f"the database revisions {', '.join(sorted(waiting))} follow each other in a circle",
                "put their down_revision right; `alembic history` shows them all",
            )
        left.remove(ready)
        done.append(ready)
    return done


def _refuse_broken(scripts: Sequence[Script]) -> None:
    files: dict[str, Path] = {}
    for each in scripts:
        if each.revision in files:
            raise RefusedError(
                f"{files[each.revision].name} and {each.file.name} are both the database revision {each.revision}",
                "give one of them another `revision`, and what follows it that `down_revision`",
            )
        files[each.revision] = each.file
    for each in scripts:
        for parent in each.parents:
            if parent not in files:
                raise RefusedError(
                    f"{each.file.name} follows the database revision {parent}, which the project does not have",
                    "restore it from git, or put down_revision right",
                )
