"""Letter of `mail test`. It is also an example of a letter."""

from pydantic import BaseModel

from .letter import Letter


class Trial(BaseModel):
    environment: str


trial = Letter("mail.trial", Trial)
