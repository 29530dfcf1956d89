"""The only package that knows how to run git."""

from copperplate.git.commits import NEUTRAL, Identity, commit_all, init, neutral_signature, signature
from copperplate.git.query import (
    Location,
    blobs,
    describe,
    has_commits,
    ignored,
    kept_files,
    left_out,
    locate,
    settings,
    tracked_files,
    work_tree_around,
)
from copperplate.git.run import FLOOR, available, environment, output, require, require_merging
from copperplate.git.transfer import fetch_missing, fetch_tags, promisors, upload_pack

__all__ = [
    "FLOOR",
    "NEUTRAL",
    "Identity",
    "Location",
    "available",
    "blobs",
    "commit_all",
    "describe",
    "environment",
    "fetch_missing",
    "fetch_tags",
    "has_commits",
    "ignored",
    "init",
    "kept_files",
    "left_out",
    "locate",
    "neutral_signature",
    "output",
    "promisors",
    "require",
    "require_merging",
    "settings",
    "signature",
    "tracked_files",
    "upload_pack",
    "work_tree_around",
]
