"""Git: no other package runs it, spells its arguments or reads its output."""

from copperplate.git.commits import NEUTRAL, Identity, commit_all, init, neutral_signature, signature
from copperplate.git.query import (
    Location,
    blobs,
    commit_named,
    describe,
    diff,
    fetch_missing,
    fetch_tags,
    has_commits,
    ignored,
    import_stream,
    init_bare,
    kept_files,
    left_out,
    locate,
    promisors,
    settings,
    tags,
    tracked_files,
    tree,
    upload_pack,
    work_tree_around,
)
from copperplate.git.run import FLOOR, available, environment, output, require, require_merging, version
