"""Mailer for an SMTP server: one connection for each letter, encrypted as the URL says or not used at all."""

import asyncio
import ssl
from contextlib import suppress
from email.message import EmailMessage

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from .mailer import RefusedError, SendError
from .smtp_url import SmtpServer

AUTHENTICATION_REQUIRED = 530
"""Not about the letter but about our settings (RFC 4954, section 6): with others it will be taken."""

ABOUT_THE_LETTER = (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError)
PERMANENT = 500
"""From here on a status means that the same letter will never be taken (RFC 5321, section 4.2.1)."""

QUIT_TIMEOUT = 1.0


class SmtpMailer:
    def __init__(self, server: SmtpServer, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._tls = None if server.tls == "none" else ssl.create_default_context()

    async def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user,
            password=self._server.password,
            use_tls=self._server.tls == "implicit",
            start_tls=self._server.tls == "starttls",
            tls_context=self._tls,
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                await client.send_message(message, sender=sender, recipients=[to])
            # It is accepted, whatever happens to the farewell.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_TIMEOUT)
        except SMTPRecipientsRefused as error:
            raise _told(error.recipients[0], sender, to) from None
        except (SMTPException, OSError) as error:
            raise _told(error, sender, to) from None
        finally:
            client.close()


def _told(error: Exception, *addresses: str) -> SendError | RefusedError:
    """What the server says, without the addresses: it is stored with the job, and may be logged."""
    text = f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else f"{error}"
    for address in addresses:
        text = text.replace(address, "…")
    if isinstance(error, ABOUT_THE_LETTER) and error.code >= PERMANENT and error.code != AUTHENTICATION_REQUIRED:
        return RefusedError(text)
    return SendError(text or type(error).__name__)
