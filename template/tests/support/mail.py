"""Letters in tests: they stay in the test's own process."""

from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass(frozen=True)
class SentLetter:
    to: str
    """Recipient in the envelope, which servers use; `sender` is from the envelope, too."""

    sender: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._content("plain")

    @property
    def html(self) -> str:
        return self._content("html")

    def _content(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part, f"the letter has no {kind} part"
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Outbox:
    letters: list[SentLetter] = field(default_factory=list)

    async def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        self.letters.append(SentLetter(to, sender, message))
