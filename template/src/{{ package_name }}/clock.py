"""The time of a request, as a dependency: a route that asks for it can be tested at any time.

Rows are dated by the database, whose clock is the same for all processes: see `db/base.py`.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends


async def utc_now() -> datetime:
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(utc_now)]
