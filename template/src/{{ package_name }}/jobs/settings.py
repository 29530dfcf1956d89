"""Settings of workers."""

from typing import Annotated

from pydantic import Field

from ..settings import Days, Group, Seconds


class JobsSettings(Group):
    concurrency: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Jobs that a worker runs at once."""

    grace: Seconds = 10.0
    """Time in seconds that running jobs get to finish when the worker stops. Then they are handed over."""

    keep_log_days: Days = 7
    """Days for which the history of finished jobs is kept."""

    with_server: bool | None = None
    """Run a worker in each server process, whose jobs then delay requests. If it is not set, only in development."""

    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port on which a worker answers `/health/live` and `/health/ready`; 0: none."""
