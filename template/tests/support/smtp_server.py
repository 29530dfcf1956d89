"""SMTP server in the event loop of the test."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from .mail import SentLetter


@dataclass
class Server:
    port: int = 0
    letters: list[SentLetter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - as aiosmtpd calls it
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        self.letters += [SentLetter(to, envelope.mail_from or "", message) for to in envelope.rcpt_tos]
        return "250 OK"


@asynccontextmanager
async def served[S: Server](server: S, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[S]:  # noqa: ANN401 - of aiosmtpd
    loop = asyncio.get_running_loop()
    make = partial(SMTP, server, hostname="localhost", loop=loop, **options)
    listening = await loop.create_server(make, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
