"""Commands for who runs the application: the first administrator, and accounts in an emergency."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, NoReturn

import typer

from ..auth.method import Method, method_of
from ..auth.permissions import Role
from ..commands import run
from ..db.transaction import Transaction, transaction
from ..one_time_tokens import repository as tokens
from ..one_time_tokens.models import Purpose
from ..resources import Resources
from . import repository, service
from .errors import EmailTaken
from .models import User
from .schemas import UserQuery

commands = typer.Typer(help="Users.", no_args_is_help=True)

BY = "command line"
FIRST_PASSWORD = timedelta(hours=24)
"""How long the token of a new administrator is good for."""

EmailArgument = Annotated[str, typer.Argument(help="The address of the account.", metavar="EMAIL")]


@commands.command("create-admin")
def create_admin(context: typer.Context, email: EmailArgument) -> None:
    """Create an administrator, and print the token with which to set the password.

    Nobody types a password here, and there is none by default.
    """

    async def create(resources: Resources) -> str | None:
        try:
            async with transaction(resources) as tx:
                user = User(email=email, role=Role.ADMIN)
                await repository.save(tx, user)
                return await tokens.draw(tx, Purpose.PASSWORD_RESET, email, user.id, FIRST_PASSWORD)
        except EmailTaken:
            return None

    token = run(context, create)
    if token is None:
        _fail(f"{email} has an account already", f"to make it an administrator: users role {email} admin")
    typer.echo(f"Set the password with this token, within a day: POST /auth/password-resets/confirm\n{token}")


@commands.command("list")
def list_users(
    context: typer.Context, limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 100
) -> None:
    """Print the newest users: address, role, and whether they are disabled."""

    async def read(resources: Resources) -> list[tuple[str, str, bool]]:
        rows = await repository.find_page(resources.reader, UserQuery(limit=limit), None)
        return [(row["email"], row["role"], row["disabled_at"] is not None) for row in rows[:limit]]

    for email, role, is_disabled in run(context, read):
        typer.echo(f"{email}\t{role}{'\tdisabled' if is_disabled else ''}")


@commands.command()
def disable(context: typer.Context, email: EmailArgument) -> None:
    """Disable the account, and end its logins."""
    _change(context, email, partial(service.set_disabled, disabled=True, by=BY))


@commands.command()
def enable(context: typer.Context, email: EmailArgument) -> None:
    """Let the user log in again."""
    _change(context, email, partial(service.set_disabled, disabled=False, by=BY))


@commands.command()
def role(context: typer.Context, email: EmailArgument, to: Annotated[Role, typer.Argument(metavar="ROLE")]) -> None:
    """Give the user another role, and end the user's logins."""
    _change(context, email, partial(service.set_role, role=to, by=BY))


@commands.command("log-out")
def log_out(context: typer.Context, email: EmailArgument) -> None:
    """End all logins of the user."""

    async def end(tx: Transaction, logins: Method, user: User) -> None:
        await service.end_logins(tx, logins, user.id, by=BY)

    _change(context, email, end)


def _change(context: typer.Context, email: str, change: Callable[[Transaction, Method, User], Awaitable[None]]) -> None:
    async def work(resources: Resources) -> bool:
        found = await repository.find_for_login(resources.reader, email)
        if found is None:
            return False
        async with transaction(resources) as tx:
            user = await repository.lock_or_fail(tx, found["id"])
            await change(tx, method_of(resources), user)
        return True

    if not run(context, work):
        _fail(f"there is no account with the address {email}", "to see those there are: users list")


def _fail(*lines: str) -> NoReturn:
    typer.secho("\n".join(lines), fg="red", err=True)
    raise typer.Exit(1)
