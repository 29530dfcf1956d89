from datetime import datetime
from typing import Annotated

from pydantic import Field

from ...schemas import ResponseBody


class Credential(ResponseBody):
    """Response to a login. A browser gets the secret part as a cookie, which no script can read."""

    token: Annotated[
        str | None, Field(description="For `Authorization: Bearer`; null where the client has a cookie.")
    ] = None
    expires_at: datetime
