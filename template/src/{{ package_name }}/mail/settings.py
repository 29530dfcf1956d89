"""Settings of mail."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from ..metadata import DISTRIBUTION
from ..settings import Days, Group
from . import address, smtp_url


def _checked_url(url: str) -> str:
    smtp_url.parse(url)
    return url


Bare = Annotated[str, AfterValidator(address.bare)]


class MailSettings(Group):
    development: ClassVar[Mapping[str, Any]] = {"url": None, "sender": f"{DISTRIBUTION}@localhost"}

    url: Annotated[
        Annotated[str, AfterValidator(_checked_url)] | None, Field(repr=False, examples=["smtp://mail.invalid"])
    ]
    """URL: `smtps://user:password@host` or `smtp+starttls://…`; `smtp://host` without TLS, and so without a password.

    None, in development only: letters are not sent, but shown at `/dev/mail`.
    """

    sender: Annotated[str, AfterValidator(address.named), Field(examples=["Shop <shop@example.org>"])]
    """Sender: `Shop <shop@example.org>`, or only the address. Its domain is the one that signs (SPF, DKIM, DMARC)."""

    reply_to: Bare | None = None
    """Address for replies; if it is not set, the sender."""

    bounces_to: Bare | None = None
    """Envelope sender, to which servers return letters that they cannot deliver; if it is not set, the sender."""

    timeout: Annotated[float, Field(ge=0.001, le=45.0)] = 20.0
    """Time in seconds in which the server must accept a letter. A transaction is open meanwhile."""

    keep_days: Annotated[Days, Field(ge=7)] = 30
    """Days for which the record of a sent letter is kept."""

    @property
    def envelope_sender(self) -> str:
        return self.bounces_to or address.parse(self.sender).addr_spec
