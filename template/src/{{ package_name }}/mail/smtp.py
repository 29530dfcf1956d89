"""Mailer for an SMTP server. Each letter has its own connection, which is encrypted as the URL says, or not used."""

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
"""Status that is about our settings and not about the letter (RFC 4954, section 6), so it may be sent later."""

ABOUT_THE_LETTER = (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError)
PERMANENT = 500
"""Lowest status of a permanent refusal: the same letter will never be accepted (RFC 5321, section 4.2.1)."""

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
            # The letter is accepted, so an error of QUIT changes nothing.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_TIMEOUT)
        except SMTPRecipientsRefused as error:
            raise _told(error.recipients[0], sender, to) from None
        except (SMTPException, OSError) as error:
            raise _told(error, sender, to) from None
        finally:
            client.close()


def _told(error: Exception, *addresses: str) -> SendError | RefusedError:
    """Return the server's answer as an error, without the addresses: it is stored with the job, and may be logged."""
    text = f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else f"{error}"
    for address in addresses:
        text = text.replace(address, "…")
    if isinstance(error, ABOUT_THE_LETTER) and error.code >= PERMANENT and error.code != AUTHENTICATION_REQUIRED:
        return RefusedError(text)
    return SendError(text or type(error).__name__)
