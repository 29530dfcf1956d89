"""Health checks: `live` decides about a restart of the process, `ready` about sending it requests."""

import asyncio
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from ..circuit_breaker import describe
from ..feature import ReadinessCheck
from ..patience import patience
from ..resources import Resources, resources_of

CHECK_TIMEOUT = 1.0
"""Time in seconds in which a dependency must answer to count as up."""

log = structlog.get_logger()
router = APIRouter(prefix="/health", tags=["health"])

Status = Literal["up", "down"]


class Liveness(BaseModel):
    status: Status = "up"


class Readiness(BaseModel):
    """Status of the process, and of each dependency by its name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Status]

    status: Literal["up", "degraded", "down"]


@router.get("/live")
async def live() -> Liveness:
    """Check that the process answers. Dependencies are not checked: a restart would not repair them."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "A required dependency is down."}})
async def ready(request: Request, response: Response) -> Readiness:
    """Check that the process can do its work. If only optional dependencies are down, it is degraded."""
    resources = resources_of(request)
    statuses = await asyncio.gather(*(_status(check, resources) for check in resources.readiness))
    found = {check.name: status for check, status in zip(resources.readiness, statuses, strict=True)}
    down = [check for check in resources.readiness if found[check.name] == "down"]
    if any(check.required for check in down):
        response.status_code = 503
        return Readiness(status="down", **found)
    return Readiness(status="degraded" if down else "up", **found)


async def _status(check: ReadinessCheck, resources: Resources) -> Status:
    try:
        async with patience(CHECK_TIMEOUT):
            await check.check(resources)
    except Exception as error:  # noqa: BLE001 - whatever a feature raises, its dependency is down
        log.warning("a dependency is down", dependency=check.name, error=describe(error))
        return "down"
    return "up"
