"""Random lists that both sides change, compared with an oracle that works on data."""

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copperplate.git import repository
from copperplate.git.scratch import Scratch
from copperplate.system.disk import File
from copperplate.update import merge
from copperplate.update.lists import resolve
from testing.git import git

NAMES = ("alpha", "beta", "Gamma", "delta", "eps-ilon", "eps", "zeta2", "zeta10")
OURS_ONLY = ("ours-a", "more-ours", "b-ours")
THEIRS_ONLY = ("theirs-a", "more-theirs", "b-theirs")
BOTH = ("both-a", "b-both")
OPTIONS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    comment_above: bool = False
    comment_behind: bool = False
    bounds: str = ""

    @property
    def lines(self) -> str:
        above = f"  # above {self.name}\n" if self.comment_above else ""
        behind = f" # behind {self.name}" if self.comment_behind else ""
        return f'{above}  "{self.name}{self.bounds}",{behind}\n'


Items = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Case:
    base: Items
    ours: Items
    theirs: Items


def text(items: Items, key: str = "dependencies") -> str:
    return f'[project]\nname = "shop"\n{key} = [\n' + "".join(item.lines for item in items) + ']\nversion = "1"\n'


@st.composite
def items(draw: st.DrawFn, names: tuple[str, ...], *, fewest: int = 0) -> Items:
    chosen = draw(st.lists(st.sampled_from(names), unique=True, min_size=fewest))
    flags = st.booleans()
    return tuple(Item(name, draw(flags), draw(flags), draw(st.sampled_from(("", ">=1", ">=1,<2")))) for name in chosen)


@st.composite
def side(draw: st.DrawFn, base: Items, added: Items) -> Items:
    """The base without a few elements, and with others anywhere."""
    result = [item for item in base if draw(st.integers(0, 5))]
    for item in added:
        result.insert(draw(st.integers(0, len(result))), item)
    return tuple(result)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    base = draw(items(NAMES))
    both = draw(items(BOTH))
    ours = draw(side(base, (*draw(items(OURS_ONLY)), *both)))
    theirs = draw(side(base, (*draw(items(THEIRS_ONLY)), *both)))
    if draw(st.booleans()):
        base, ours, theirs = (tuple(sorted(found, key=_by_name)) for found in (base, ours, theirs))
    return Case(base, ours, theirs)


def _by_name(item: Item) -> str:
    return item.name.lower()


@dataclass(frozen=True, slots=True, repr=False)
class Bench:
    """A scratch repository in which three versions of one file are merged."""

    scratch: Scratch

    def merge(self, path: str, base: str, ours: str, theirs: str) -> tuple[merge.Merged, merge.Merged, bytes]:
        """The merge of git, that with lists, and what the file becomes."""
        files = [{path: File(0o644, version.encode())} for version in (base, ours, theirs)]
        tree = self._tree(path, ours)
        sides = merge.write_sides(self.scratch, files[0], tree, files[2], version="2")
        by_git = merge.merge_trees(self.scratch, sides)
        merged = resolve.merge_lists(self.scratch, sides, by_git)
        return by_git, merged, self.scratch.files(self.scratch.entries(merged.tree), [path])[path]

    def _tree(self, path: str, content: str) -> str:
        entry = f"100644 blob {self.scratch.store(content.encode())}\t{path}\0"
        return self.scratch.run("mktree", "-z", stdin=entry.encode()).decode().strip()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    project = tmp_path / "project"
    project.mkdir()
    git("init", "--quiet", cwd=project)
    return Bench(Scratch.make(tmp_path / "scratch.git", repository.around(project)))


def expected(case: Case) -> set[str]:
    """All names: what each side has kept of the base, and what each has added."""
    base, ours, theirs = ({item.name for item in found} for found in (case.base, case.ours, case.theirs))
    return (base & ours & theirs) | (ours - base) | (theirs - base)


@OPTIONS
@given(case=cases())
def test_dependencies_are_merged_without_a_conflict_and_nothing_is_lost(bench: Bench, case: Case) -> None:
    _, merged, content = bench.merge("pyproject.toml", text(case.base), text(case.ours), text(case.theirs))
    assert not merged.conflicts
    result = content.decode()
    names = [requirement.split(">")[0] for requirement in tomllib.loads(result)["project"]["dependencies"]]
    assert sorted(names) == sorted(expected(case))
    known = {item.name: item for item in (*case.base, *case.ours, *case.theirs)}
    assert sorted(result.splitlines()) == sorted(text(tuple(known[name] for name in names)).splitlines())
    sides = [[item.name for item in found] for found in (case.base, case.ours, case.theirs)]
    if all(map(_is_sorted, sides)):
        assert _is_sorted(names)
    else:
        kept = [name for name in sides[0] if name in names]
        assert [name for name in names if name in kept] == kept


def _is_sorted(names: list[str]) -> bool:
    return all(first.lower() < second.lower() for first, second in pairwise(names))


@OPTIONS
@given(case=cases())
def test_a_list_whose_order_matters_keeps_it_or_stays_a_conflict(bench: Bench, case: Case) -> None:
    versions = [text(found, "order") for found in (case.base, case.ours, case.theirs)]
    by_git, merged, content = bench.merge("pyproject.toml", versions[0], versions[1], versions[2])
    if merged.conflicts:
        return
    names = [value.split(">")[0] for value in tomllib.loads(content.decode())["project"]["order"]]
    assert len(set(names)) == len(names)
    if not by_git.conflicts and merged == by_git:
        return
    for found in (case.ours, case.theirs):
        kept = [item.name for item in found if item.name in names]
        assert [name for name in names if name in kept] == kept


@OPTIONS
@given(case=cases(), path=st.sampled_from(["pyproject.toml", ".gitignore", "notes.txt"]))
def test_a_clean_merge_of_git_is_unchanged(bench: Bench, case: Case, path: str) -> None:
    by_git, merged, _ = bench.merge(path, text(case.base), text(case.ours), text(case.theirs))
    added = {item.name for item in case.ours} & {item.name for item in case.theirs} - {item.name for item in case.base}
    if path == "notes.txt" or (not by_git.conflicts and not added):
        assert merged == by_git


IMPORTED = (
    "import json",
    "import os.path",
    "from pathlib import Path, PurePath",
    "from typing import TYPE_CHECKING, Any, cast",
    "from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query, Request, Response, status",
    "import httpx",
    "from httpx import AsyncClient as Client",
    "from ..errors import AppError",
    "from .models import Order, Order2, Order10",
    "from . import routes",
    "import http",
)


@st.composite
def imports(draw: st.DrawFn, *, fewest: int = 0) -> dict[str, tuple[str, ...]]:
    """Statements, each with some of its names."""
    found = {}
    for statement in draw(st.lists(st.sampled_from(IMPORTED), unique=True, min_size=fewest)):
        head, separator, names = statement.partition(" import ")
        found[head] = tuple(draw(st.sets(st.sampled_from(names.split(", ")), min_size=1))) if separator else ()
    return found


def formatted(found: dict[str, tuple[str, ...]]) -> str:
    code = "".join(f"{head} import {', '.join(names)}\n" if names else f"{head}\n" for head, names in found.items())
    return by_ruff(f'"""A module."""\n\n{code}\nvalue = 1\n')


def by_ruff(code: str) -> str:
    for arguments in (["check", "--isolated", "--select=I", "--fix", "--quiet"], ["format", "--isolated"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--stdin-filename=a.py", "-"]
        code = subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout
    return code


def together(*sides: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for statements in sides:
        for head, names in statements.items():
            found[head] = tuple(dict.fromkeys((*found.get(head, ()), *names)))
    return found


@settings(OPTIONS, max_examples=25)
@given(base=imports(fewest=1), ours=imports(), theirs=imports())
def test_imports_that_both_sides_add_are_merged_as_ruff_sorts_them(
    bench: Bench,
    base: dict[str, tuple[str, ...]],
    ours: dict[str, tuple[str, ...]],
    theirs: dict[str, tuple[str, ...]],
) -> None:
    by_ours, by_theirs = together(base, ours), together(base, theirs)
    by_git, merged, content = bench.merge("a.py", formatted(base), formatted(by_ours), formatted(by_theirs))
    assert not merged.conflicts
    if by_git.conflicts:
        assert content.decode() == formatted(together(by_ours, by_theirs))
