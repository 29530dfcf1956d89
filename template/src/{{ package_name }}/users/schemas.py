import uuid
from datetime import datetime
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import MISSING, AfterValidator, EmailStr, Field

from ..auth.permissions import Role
from ..pagination import PageQuery
from ..schemas import NonBlankText, RequestBody, ResponseBody


def _in_ascii(address: str) -> str:
    """As mail servers write it. Capitals of the name before the @ stay: the other side decides whether they count."""
    try:
        found = validate_email(address, check_deliverability=False).ascii_email
    except EmailNotValidError:
        found = None
    if found is None:
        raise ValueError("must be an address that can be written in ASCII")
    return found


Email = Annotated[EmailStr, AfterValidator(_in_ascii), Field(max_length=254, examples=["ada@example.org"])]
UserName = Annotated[NonBlankText, Field(min_length=1, max_length=200)]


class UserRead(ResponseBody):
    id: uuid.UUID
    email: str
    name: str | None
    role: Role
    created_at: datetime


class UserChange(RequestBody):
    """Only what is sent is changed. Neither the role nor the address is here: see `UserAdministration`."""

    name: UserName | MISSING | None = MISSING


class AdministeredUser(UserRead):
    disabled_at: datetime | None


class UserAdministration(RequestBody):
    role: Role | MISSING = MISSING
    disabled: bool | MISSING = MISSING


class UserQuery(PageQuery):
    email: Annotated[str | None, Field(max_length=254, description="The whole address.")] = None
