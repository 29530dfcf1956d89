"""Two questions of whoever runs this: should the process be restarted, and should it get requests?"""

import asyncio
from collections.abc import Awaitable
from typing import Literal

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ..about import DISTRIBUTION
from ..db.reader import Connect
from ..patience import patience
from ..redis.circuit_breaker import describe
from ..state import state_of

CHECK_TIMEOUT = 1.0
"""Seconds in which a dependency must answer to count as up."""

IS_READ_ONLY = "SELECT current_setting('transaction_read_only')"

log = structlog.get_logger()
router = APIRouter(prefix="/health", tags=["health"])

Status = Literal["up", "down"]


class Liveness(BaseModel):
    status: Status = "up"


class Readiness(BaseModel):
    status: Literal["up", "degraded", "down"]
    database: Status
    redis: Status


@router.get("/live")
async def live() -> Liveness:
    """Whether the process answers. It asks nobody else: a restart would not bring a database back."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "The database is down."}})
async def ready(request: Request, response: Response) -> Readiness:
    """Whether the process can do its work: PostgreSQL takes writes. Without Redis it can do most of it."""
    state = state_of(request)
    database, redis = await asyncio.gather(
        _status("database", _write_to_database(state.probe)), _status("redis", _write_to_redis(state.redis))
    )
    if database == "down":
        response.status_code = 503
        return Readiness(status="down", database=database, redis=redis)
    return Readiness(status="up" if redis == "up" else "degraded", database=database, redis=redis)


async def _status(name: str, check: Awaitable[object]) -> Status:
    try:
        async with patience(CHECK_TIMEOUT):
            await check
    except (SQLAlchemyError, PostgresError, InterfaceError, RedisError, OSError) as error:  # among them TimeoutError
        log.warning("a dependency is down", dependency=name, error=describe(error))
        return "down"
    return "up"


async def _write_to_database(connect: Connect) -> None:
    """Raise if it would refuse to be written to, as a server does that is no longer the primary."""
    async with connect() as connection:
        if await connection.fetchval(IS_READ_ONLY) == "on":
            raise ConnectionError("the database is read-only")  # so that the next check takes a new connection


async def _write_to_redis(redis: Redis) -> None:
    await redis.set(f"{DISTRIBUTION}:ready", "", px=round(CHECK_TIMEOUT * 1000))
