"""What a route may ask for. The only place that commits."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncSession

from ..state import state_of
from .pool import Driver
from .reader import Reader, share


async def open_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """One request, one transaction: committed when the route returns, rolled back when it raises.

    Until then, what the request reads, it reads within it.
    """
    state = state_of(connection)
    lone = state.reader
    async with state.sessions() as session, session.begin():
        connection.state.reader = Reader(share(session))
        try:
            yield session
        finally:
            connection.state.reader = lone


async def get_reader(connection: HTTPConnection) -> Reader:
    """Which connection it reads on is decided when it reads: the session may be opened after this."""

    def connect() -> AbstractAsyncContextManager[Driver]:
        return state_of(connection).reader.connect()

    return Reader(connect)


# scope="function" leaves the dependency before the response is sent. With the default scope a commit that fails
# would come after the client has read "201 Created".
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
ReadOnly = Annotated[Reader, Depends(get_reader)]
