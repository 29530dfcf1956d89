"""Two questions of whoever runs this: should the process be restarted, and should it get requests?"""

import asyncio
from collections.abc import Awaitable
from typing import Literal

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from ..db.reader import Query
from ..state import state_of

CHECK_TIMEOUT = 1.0
"""Seconds in which a dependency must answer to count as up."""

SELECT_1 = Query(select(literal(1)))

log = structlog.get_logger()
router = APIRouter(prefix="/health", tags=["health"])

Status = Literal["up", "down"]


class Liveness(BaseModel):
    status: Status = "up"


class Readiness(BaseModel):
    status: Status
    database: Status
    redis: Status


@router.get("/live")
async def live() -> Liveness:
    """Whether the process answers. It asks nobody else: a restart would not bring a database back."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "A dependency is down."}})
async def ready(request: Request, response: Response) -> Readiness:
    """Whether the process can do its work: both PostgreSQL and Redis answer within a second."""
    state = state_of(request)
    database, redis = await asyncio.gather(
        _status("database", state.reader.first(SELECT_1)), _status("redis", state.redis.ping())
    )
    status: Status = "up" if database == redis == "up" else "down"
    response.status_code = 200 if status == "up" else 503
    return Readiness(status=status, database=database, redis=redis)


async def _status(name: str, answer: Awaitable[object]) -> Status:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            await answer
    except (SQLAlchemyError, PostgresError, InterfaceError, RedisError, OSError) as error:  # among them TimeoutError
        log.warning("a dependency is down", dependency=name, error=repr(error))
        return "down"
    return "up"
