"""Provisioning: creates the account of a user who sends a valid token for the first time."""

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from ..auth import audit
from ..auth.external.access_tokens import AccessToken
from ..auth.external.settings import ExternalSettings
from ..db.transaction import Transaction, transaction
from ..resources import Resources
from ..users import repository as users
from ..users.errors import EmailTaken
from ..users.models import User
from ..users.schemas import Email
from . import repository
from .events import Event

ADDRESS = TypeAdapter[str](Email)


class _Provisioned(Exception):
    """Another request was faster. The account that this request has created is rolled back."""


async def provision(resources: Resources, token: AccessToken) -> None:
    """Create the account, unless it exists now. If another account has the address, this one has none."""
    settings = resources.settings[ExternalSettings]
    for email in dict.fromkeys((_address(token), None)):
        try:
            async with transaction(resources) as tx:
                await _provision(tx, token, email, settings)
        except EmailTaken:
            continue
        except _Provisioned:
            pass
        return


async def _provision(tx: Transaction, token: AccessToken, email: str | None, settings: ExternalSettings) -> None:
    await repository.remove_remains(tx, timedelta(seconds=settings.max_lifetime + 2 * settings.leeway))
    user = None
    if settings.link_by_email and email:
        user = await repository.lock_user_without_identity(tx, email, token.issuer)
    event = Event.LINKED if user else Event.PROVISIONED
    if user is None:
        user = User(email=email, name=token.name)
        await users.save(tx, user)
    if not await repository.add(tx, token.issuer, token.subject, user.id):
        raise _Provisioned
    audit.record(event, user.id)


def _address(token: AccessToken) -> str | None:
    try:
        return ADDRESS.validate_python(token.email)
    except ValidationError:
        return None
