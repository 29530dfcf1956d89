import uuid

from pydantic import BaseModel, ConfigDict

from .permissions import Role


class Login(BaseModel):
    """Login as it is stored: its user, its times, and the client's address and user agent."""

    model_config = ConfigDict(frozen=True)

    user_id: uuid.UUID
    role: Role
    authenticated_at: int
    """Time of the authentication. All times are seconds since 1970."""

    seen_at: int
    ends_at: int
    address: str = ""
    agent: str = ""
