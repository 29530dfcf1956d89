"""Time of a request, as a dependency: a test can give a route any time.

The database dates rows, as its clock is the same for all processes: see `db/base.py`.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends


async def utc_now() -> datetime:
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(utc_now)]
