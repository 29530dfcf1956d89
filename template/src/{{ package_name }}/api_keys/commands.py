"""Commands for API keys, for operators: list, create, and revoke in an emergency."""

import uuid
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from ..auth.permissions import Permission
from ..commands import run
from ..db.transaction import transaction
from ..errors import AppError
from ..jobs.queue import Jobs
from ..resources import Resources
from ..terminal import printable
from ..users import repository as users
from . import service
from .errors import ApiKeyNotFound
from .schemas import DEFAULT_DAYS, LONGEST_DAYS, ApiKeyRead, NewApiKey

commands = typer.Typer(help="API keys.", no_args_is_help=True)

EmailArgument = Annotated[str, typer.Argument(help="The address of the owner's account, or its id.", metavar="EMAIL")]


@commands.command("list")
def list_keys(context: typer.Context, email: EmailArgument) -> None:
    """Print the keys of a user: id, name, permissions, time of expiry and time of the last use."""

    async def read(resources: Resources) -> list[ApiKeyRead] | None:
        user_id = await _find(resources, email)
        return await service.find_all(resources.reader.of(user_id)) if user_id else None

    found = run(context, read)
    if found is None:
        _fail_for(email)
    for key in found:
        used = key.last_used_at.isoformat(timespec="minutes") if key.last_used_at else "never"
        expires = key.expires_at.date().isoformat()
        line = f"{key.id}\t{key.name}\t{' '.join(key.permissions) or '-'}\texpires {expires}\tused {used}"
        typer.echo(printable(line))


@commands.command()
def create(
    context: typer.Context,
    email: EmailArgument,
    name: Annotated[str, typer.Argument(help="What the key is for.", metavar="NAME")],
    permission: Annotated[list[Permission] | None, typer.Option(help="May be given several times.")] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="Until the key expires.")] = DEFAULT_DAYS,
) -> None:
    """Create a key of a user, and print its token, which is shown only once."""
    try:
        new = NewApiKey(name=name, permissions=frozenset(permission or ()), days=days)
    except ValidationError:
        _fail("the name is blank, or longer than 100 characters", "give the key another name")

    async def make(resources: Resources) -> str | AppError | None:
        user_id = await _find(resources, email)
        if user_id is None:
            return None
        try:
            async with transaction(resources) as tx:
                return (await service.create(tx, Jobs(tx, resources), user_id, new)).token
        except AppError as error:
            return error

    made = run(context, make)
    if made is None:
        _fail_for(email)
    if isinstance(made, AppError):
        _fail(made.detail, "to see the keys there are: api-keys list EMAIL")
    typer.echo(made)


@commands.command()
def revoke(context: typer.Context, key: Annotated[uuid.UUID, typer.Argument(metavar="ID")]) -> None:
    """Revoke a key of any user. Requests with it are refused from then on."""

    async def remove(resources: Resources) -> bool:
        try:
            async with transaction(resources) as tx:
                await service.revoke(tx, key)
        except ApiKeyNotFound:
            return False
        return True

    if not run(context, remove):
        _fail(f"there is no API key {key}", "to see those of a user: api-keys list EMAIL")


async def _find(resources: Resources, email: str) -> uuid.UUID | None:
    return await users.find_id(resources.reader, email)


def _fail_for(email: str) -> NoReturn:
    _fail(f"there is no account with the address {email}", "to see those there are: users list")


def _fail(*lines: str) -> NoReturn:
    typer.secho("\n".join(lines), fg="red", err=True)
    raise typer.Exit(1)
