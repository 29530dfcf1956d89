"""Mailer: what hands a letter to a server. `Mail` is the resource that has it."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from ..jobs.job import GiveUpError
from .settings import MailSettings


class RefusedError(GiveUpError):
    """The server refuses the letter for good, with a status of 5xx: the job is dead at once."""


class SendError(Exception):
    """The server does not take the letter now."""


class Mailer(Protocol):
    async def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        """Return when the letter is accepted. `sender` and `to` are the envelope's, whatever the headers say.

        Raises `RefusedError`, or `SendError`, after which it is tried again.
        """


@dataclass
class Mail:
    settings: MailSettings
    mailer: Mailer
