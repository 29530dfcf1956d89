import uuid

from pydantic import BaseModel, ConfigDict

from .permissions import Role


class Login(BaseModel):
    """A login as it is stored: whose it is, since when, and from where."""

    model_config = ConfigDict(frozen=True)

    user_id: uuid.UUID
    role: Role
    authenticated_at: int
    """This and the others are seconds since 1970."""

    seen_at: int
    ends_at: int
    address: str = ""
    agent: str = ""
