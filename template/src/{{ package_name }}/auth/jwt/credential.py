from datetime import datetime
from typing import Annotated

from pydantic import Field

from ...schemas import ResponseBody


class Credential(ResponseBody):
    """What a login, and each refresh of it, is answered with."""

    token: Annotated[str, Field(description="The access token, for `Authorization: Bearer`.")]
    expires_at: Annotated[datetime, Field(description="When the access token ends.")]
    refresh_token: Annotated[
        str | None, Field(description="For `/auth/refresh`, once; null where the client has it as a cookie.")
    ] = None
