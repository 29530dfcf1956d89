"""What the application tells whoever observes it. By itself that is nobody; `features.py` may put somebody in."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig
from structlog.types import Processor

if TYPE_CHECKING:
    from .settings import Settings
    from .state import State


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

    def observe(self, _: State) -> AbstractAsyncContextManager[None]:
        """Around the life of what the process has opened."""
        return nullcontext()
