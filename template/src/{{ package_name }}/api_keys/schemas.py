import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field

from ..auth.permissions import Permission
from ..schemas import NonBlankText, RequestBody, ResponseBody

LONGEST_DAYS = 366
DEFAULT_DAYS = 90

ApiKeyName = Annotated[NonBlankText, Field(min_length=1, max_length=100, examples=["Nightly import"])]


class NewApiKey(RequestBody):
    name: ApiKeyName
    permissions: Annotated[
        frozenset[Permission], Field(description="Each must be one of yours. Your own data needs none.")
    ] = frozenset()
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="Until the key expires.")] = DEFAULT_DAYS


class ApiKeyRead(ResponseBody):
    id: uuid.UUID
    name: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: Annotated[datetime | None, Field(description="To the hour.")]


class CreatedApiKey(ApiKeyRead):
    token: Annotated[str, Field(description="For `Authorization: Bearer`. It is shown only once.")]
