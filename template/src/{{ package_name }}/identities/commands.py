"""Commands for operators: accounts of users who have not logged in yet."""

from typing import Annotated

import typer

from ..auth import audit
from ..auth.external.settings import ExternalSettings
from ..auth.permissions import Role
from ..commands import run
from ..db.transaction import transaction
from ..errors import Conflict
from ..resources import Resources
from ..users import repository as users
from ..users.models import User
from . import repository
from .events import Event

commands = typer.Typer(help="Users of the provider.", no_args_is_help=True)


class IdentityTaken(Conflict):
    type = "urn:problem:identity-taken"
    title = "Identity taken"


@commands.callback()
def identities() -> None:
    """Group, so that its only command keeps its own name."""


@commands.command("create-admin")
def create_admin(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="What tokens name the user by, such as `sub`.", metavar="SUBJECT")],
    email: Annotated[str | None, typer.Option(help="For people; nobody logs in with it.")] = None,
) -> None:
    """Create an administrator, who logs in at the provider."""

    async def create(resources: Resources) -> Conflict | None:
        try:
            await _create(resources, subject, email)
        except Conflict as error:
            return error
        return None

    if problem := run(context, create):
        advice = "to make it an administrator: users role EMAIL-OR-ID admin"
        typer.secho(f"{problem.detail}\n{advice}", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo(f"{subject} is an administrator")


async def _create(resources: Resources, subject: str, email: str | None) -> None:
    """Create the account. Raises `IdentityTaken` and `EmailTaken`."""
    async with transaction(resources) as tx:
        user = User(email=email, role=Role.ADMIN)
        await users.save(tx, user)
        if not await repository.add(tx, resources.settings[ExternalSettings].issuer, subject, user.id):
            raise IdentityTaken(f"The subject {subject} has an account already.")
        audit.record(Event.LINKED, user.id)
