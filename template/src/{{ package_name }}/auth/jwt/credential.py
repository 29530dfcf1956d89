from datetime import datetime
from typing import Annotated

from pydantic import Field

from ...schemas import ResponseBody


class Credential(ResponseBody):
    """Response to a login and to each refresh."""

    token: Annotated[str, Field(description="The access token, for `Authorization: Bearer`.")]
    expires_at: Annotated[datetime, Field(description="When the access token ends.")]
    refresh_token: Annotated[
        str | None, Field(description="For `/auth/refresh`, once; null where the client has it as a cookie.")
    ] = None
