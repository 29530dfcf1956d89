"""Clock that stands still until a test changes its time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Clock:
    now: datetime

    async def read(self) -> datetime:
        return self.now
