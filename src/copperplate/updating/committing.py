"""The one commit that an update makes, by the user's own identity."""

from copperplate import git
from copperplate.errors import BrokenError
from copperplate.git import Identity
from copperplate.updating import tryout
from copperplate.updating.scratch import Scratch


def commit(scratch: Scratch, head: str, tree: str, message: str, author: Identity) -> str:
    """Commit the project's `tree` on `head`, in `scratch` so far; no hook runs, and nothing is signed."""
    whole = tryout.whole(scratch, head, tree)
    try:
        return _commit(scratch, head, whole, message, scratch.repository.identity(author))
    except BrokenError:  # git refuses names that are all punctuation
        return _commit(scratch, head, whole, message, git.NEUTRAL)


def _commit(scratch: Scratch, head: str, tree: str, message: str, who: Identity) -> str:
    identity = ("-c", f"user.name={who.name}", "-c", f"user.email={who.email}")
    arguments = (*identity, "commit-tree", tree, "-p", head, "-F", "-")
    return scratch.run(*arguments, stdin=f"{message}\n".encode()).decode().strip()
