"""What the application tells whoever observes it. By default nobody does; a feature may give its own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig
from structlog.types import Processor

if TYPE_CHECKING:
    from .principal import Principal
    from .resources import Resources
    from .settings import Settings


class Telemetry:
    log_processors: tuple[Processor, ...] = ()
    """Add fields to each line of the log."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def config(self) -> TelemetryConfig:
        """For FastAPI, which otherwise asks for the process's OpenTelemetry, request by request."""
        return {"tracing": False, "metrics": False, "logs": False}

    def shed(self) -> None:
        """A request was refused because there were too many at once."""

    def identify(self, principal: Principal) -> None:
        """The request that is served now comes from this principal."""

    def observe(self, _: Resources) -> AbstractAsyncContextManager[None]:
        """Around the life of what the process has opened."""
        return nullcontext()
