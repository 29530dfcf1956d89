"""Sparse checkouts: the paths that git leaves out of a work tree."""

import os
import shutil
from collections.abc import Collection

from copperplate import git
from copperplate.updating.scratch import Scratch, index_info
from copperplate.updating.tree import PLAIN, Entry

_PATTERNS = "info/sparse-checkout"
_ON = {"true", "yes", "on", "1"}


def left_out(scratch: Scratch, paths: Collection[str]) -> frozenset[str]:
    """Those of `paths`, from the top of the work tree, that the patterns of the user's sparse checkout exclude.

    git itself decides: it checks out empty files of these names in a folder of ours.
    """
    repository = scratch.repository
    patterns = repository.git_dir / _PATTERNS
    is_sparse = repository.settings.get("core.sparsecheckout", "false").lower() in _ON
    if not paths or not is_sparse or not patterns.is_file():
        return frozenset()
    shutil.copyfile(patterns, scratch.path / _PATTERNS)
    folder, index = scratch.path.with_name("sparse"), scratch.path / "sparse.index"
    folder.mkdir(exist_ok=True)
    empty = Entry(PLAIN, scratch.store(b""))
    lines = index_info(dict.fromkeys(paths, empty), repository.oid_width)
    scratch.run("update-index", "-z", "--index-info", stdin=lines, index=index)
    tree = scratch.run("write-tree", index=index).decode().strip()
    index.unlink()
    cone = repository.settings.get("core.sparsecheckoutcone", "true")
    settings = ("-c", "core.sparseCheckout=true", "-c", f"core.sparseCheckoutCone={cone}", "-c", "index.sparse=false")
    variables = {"GIT_DIR": str(scratch.path), "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
    git.output(*settings, "read-tree", "-m", "-u", tree, cwd=folder, variables=variables)
    listed = scratch.run("ls-files", "-z", "-t", index=index).split(b"\0")[:-1]
    index.unlink()
    shutil.rmtree(folder)
    return frozenset(os.fsdecode(line[2:]) for line in listed if line.startswith(b"S "))
