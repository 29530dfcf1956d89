"""Message: a letter with its headers, in the form that a server accepts."""

import uuid
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime

from . import address
from .settings import MailSettings
from .templates import Rendered

AUTOMATIC = {
    # Vacation notices do not answer such a letter (RFC 3834, section 5).
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same, for Exchange
}


def build(rendered: Rendered, *, id_: uuid.UUID, to: str, settings: MailSettings) -> EmailMessage:
    """Build the message. It has the same Message-ID in each attempt, so that servers can recognise a repetition."""
    sender = address.parse(settings.sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    if settings.reply_to:
        message["Reply-To"] = Address(addr_spec=settings.reply_to)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{id_}@{sender.domain}>"
    for name, value in AUTOMATIC.items():
        message[name] = value
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message
