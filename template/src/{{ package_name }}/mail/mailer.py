"""Mailer: sends a letter to a server. `Mail` is the resource that has it."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from ..jobs.job import GiveUpError
from .settings import MailSettings


class RefusedError(GiveUpError):
    """The server refuses the letter for good, with a status of 5xx. The job is dead at once."""


class SendError(Exception):
    """The server does not accept the letter now."""


class Mailer(Protocol):
    async def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        """Return when the letter is accepted. `sender` and `to` are those of the envelope, not of the headers.

        Raises `RefusedError`, or `SendError`, after which the letter is sent again.
        """


@dataclass
class Mail:
    settings: MailSettings
    mailer: Mailer
