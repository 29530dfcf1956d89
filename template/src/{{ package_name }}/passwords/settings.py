from typing import Annotated

from pydantic import Field, PositiveInt

from ..settings import Group


class PasswordSettings(Group):
    memory_kib: Annotated[int, Field(ge=19456, le=4 * 1024 * 1024)] = 19456
    """Memory in KiB for one hash. This and `iterations` are the least of OWASP's Password Storage Cheat Sheet."""

    iterations: Annotated[int, Field(ge=2, le=1000)] = 2
    workers: PositiveInt = 1
    """Threads of one process that hash. With four processor cores for each process, use two."""

    max_waiting: PositiveInt = 32
    """Passwords that wait for a thread; a further one is answered 503. One takes about 40 ms."""
