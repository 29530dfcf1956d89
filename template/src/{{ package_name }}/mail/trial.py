"""The letter of `mail test`, which also shows what a letter looks like."""

from pydantic import BaseModel

from .letter import Letter


class Trial(BaseModel):
    environment: str


trial = Letter("mail.trial", Trial)
