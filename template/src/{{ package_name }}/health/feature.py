"""Health feature: the health checks, with those of the database and of Redis."""

from ..feature import Feature, ReadinessCheck
from ..metadata import DISTRIBUTION
from ..resources import Resources
from .router import CHECK_TIMEOUT, router

IS_READ_ONLY = "SELECT current_setting('transaction_read_only')"


async def write_to_database(resources: Resources) -> None:
    """Raise an error if the database refuses writes, as a server does that is no longer the primary."""
    async with resources.probe() as connection:
        if await connection.fetchval(IS_READ_ONLY) == "on":
            raise ConnectionError("the database is read-only")  # so that the next check takes a new connection


async def write_to_redis(resources: Resources) -> None:
    await resources.redis.set(f"{DISTRIBUTION}:ready", "", px=round(CHECK_TIMEOUT * 1000))


feature = Feature(
    "health",
    public_routers=(router,),
    readiness=(
        ReadinessCheck("database", write_to_database, required=True),
        ReadinessCheck("redis", write_to_redis),
    ),
)
