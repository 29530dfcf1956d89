"""Letters of login with a provider; their texts are in `letters/`."""

from pydantic import BaseModel

from ..mail.letter import Letter


class Linked(BaseModel):
    provider: str


linked = Letter("oidc.linked", Linked)
