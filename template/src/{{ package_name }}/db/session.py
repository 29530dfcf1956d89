"""What a route may ask for. The only place that commits."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from ..state import state_of
from .reader import Reader


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction: committed when the route returns, rolled back when it raises."""
    async with state_of(request).sessions() as session, session.begin():
        yield session


async def get_reader(request: Request) -> Reader:
    return state_of(request).reader


# scope="function" leaves the dependency before the response is sent. With the default scope a commit that fails
# would come after the client has read "201 Created".
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
ReadOnly = Annotated[Reader, Depends(get_reader)]
