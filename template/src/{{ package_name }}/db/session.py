"""Dependencies of routes for the database: a transaction for each request, and fast reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Annotated, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection

from ..etags import require_compared
from ..principal import known_principal
from ..resources import resources_of
from . import effects
from .pool import Driver
from .reader import Reader
from .transaction import Transaction, transaction


async def open_session(connection: HTTPConnection) -> AsyncIterator[Transaction]:
    """Open the transaction of the request: committed when the route returns, rolled back when it raises.

    Until then, all reads of the request are in this transaction. It is also rolled back if the request has a condition
    that its route has not compared.
    """
    returned = False
    try:
        async with transaction(resources_of(connection), owner=known_principal(connection).owner) as opened:
            connection.state.reader = opened.reader
            try:
                yield opened
                require_compared(connection)
                returned = True
            finally:
                del connection.state.reader
    except asyncio.CancelledError:
        # The deadline has passed after the commit, so the response is still that of the route.
        if not (returned and effects.have_begun(opened)):
            raise


def reader_of(connection: HTTPConnection) -> Reader:
    """Return the reader of the request's transaction, or of the process if the request has no transaction yet."""
    state = connection.scope["state"]
    if "reader" in state:
        return cast("Reader", state["reader"])
    owner = known_principal(connection).owner
    return resources_of(connection).reader.of(owner) if owner else resources_of(connection).reader


async def get_reader(connection: HTTPConnection) -> Reader:
    """Return a reader that chooses its connection at each read: the session may be opened after this."""

    def connect() -> AbstractAsyncContextManager[Driver]:
        return reader_of(connection).connect()

    return Reader(connect, known_principal(connection).owner)


# scope="function" ends the dependency before the response is sent. With the default scope, a commit could fail after
# the client has read "201 Created".
Session = Annotated[Transaction, Depends(open_session, scope="function")]
ReadOnly = Annotated[Reader, Depends(get_reader)]
