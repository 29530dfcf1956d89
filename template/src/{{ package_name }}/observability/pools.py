"""How many connections there are, and how many of them are lent out; looked at only when somebody asks."""

from typing import cast

from sqlalchemy import QueuePool

from ..resources import Resources
from .metrics import Metrics


def count_connections(metrics: Metrics, resources: Resources) -> None:
    sql, redis = cast("QueuePool", resources.engine.pool), resources.redis.connection_pool

    def of_redis(position: int) -> int:
        """Redis-py tells first how many are idle, then how many are used."""
        return int(redis.get_connection_count()[position][0])

    metrics.connections.labels("postgresql", "used").set_function(sql.checkedout)
    metrics.connections.labels("postgresql", "idle").set_function(sql.checkedin)
    metrics.connections.labels("redis", "idle").set_function(lambda: of_redis(0))
    metrics.connections.labels("redis", "used").set_function(lambda: of_redis(1))
    metrics.connections_allowed.labels("postgresql").set(resources.settings.database.pool_size)
    metrics.connections_allowed.labels("redis").set(resources.settings.redis.max_connections)
