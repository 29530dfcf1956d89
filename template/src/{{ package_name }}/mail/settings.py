"""Settings of mail."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from ..metadata import DISTRIBUTION
from ..settings import Group
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
    """`smtps://user:password@host` or `smtp+starttls://…`; `smtp://host` without TLS, and so without a password.

    None, in development only: letters are caught, and shown at `/dev/mail`.
    """

    sender: Annotated[str, AfterValidator(address.named), Field(examples=["Shop <shop@example.org>"])]
    """`Shop <shop@example.org>`, or only the address. Its domain is the one that signs (SPF, DKIM, DMARC)."""

    reply_to: Bare | None = None
    """Where answers go; not set: to the sender."""

    bounces_to: Bare | None = None
    """The envelope sender, to which servers return what cannot be delivered; not set: the sender's address."""

    timeout: Annotated[float, Field(ge=0.001, le=45.0)] = 20.0
    """Seconds in which the server must have accepted a letter. A transaction is open meanwhile."""

    keep_days: Annotated[int, Field(ge=7)] = 30
    """Days that it is remembered which letters were sent."""

    @property
    def envelope_sender(self) -> str:
        return self.bounces_to or address.parse(self.sender).addr_spec
