from typing import Annotated

from pydantic import AnyHttpUrl, Field

from ..settings import Group

HOUR, DAY = 60 * 60, 24 * 60 * 60


class AuthSettings(Group):
    frontend_url: AnyHttpUrl | None = None
    """Where links in letters lead. Not set: a letter has the token alone, for a form to paste it in."""

    idle: Annotated[int, Field(ge=60)] = 7 * DAY
    """Seconds after which a login ends that nobody uses."""

    lifetime: Annotated[int, Field(ge=60)] = 30 * DAY
    """Seconds after which every login ends."""

    recent: Annotated[int, Field(ge=1)] = 600
    """Seconds after the password was given for which it need not be given again, to delete the account for example."""
