"""Exclusive run of a command on a work tree: an interrupted update is taken back first, and disk errors are refused."""

from collections.abc import Callable
from typing import TypeVar

from copperplate.errors import CopperplateError
from copperplate.git.repository import Repository
from copperplate.system import disk
from copperplate.system.signals import Interrupted
from copperplate.update import journal, rollback

Result = TypeVar("Result")


def run(around: Repository, action: Callable[[], Result]) -> tuple[Result, str]:
    """Return what `action` returns, and what was done about an earlier, interrupted update."""
    with journal.exclusive(around):
        said = rollback.recover(around)
        try:
            return action(), said
        except OSError as error:
            if not disk.is_reason(error):
                raise
            refused = disk.refusal(error, around.root, "and try again: nothing has been changed")
            refused.done = said
            raise refused from error
        except (CopperplateError, Interrupted) as error:
            error.done = said
            raise
