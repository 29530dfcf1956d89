"""Letters of API keys; their texts are in `letters/`."""

from pydantic import BaseModel

from ..mail.letter import Letter


class Created(BaseModel):
    name: str


created = Letter("api_keys.created", Created)
