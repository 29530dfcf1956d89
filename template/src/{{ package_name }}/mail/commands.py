"""Command `mail test`: checks that the mail server accepts our letters."""

import uuid
from functools import partial
from typing import Annotated

import typer

from ..commands import run
from ..resources import Resources
from ..terminal import printable
from . import address, message
from .caught import CaughtLetters
from .mailer import Mail, RefusedError, SendError
from .trial import Trial, trial

app = typer.Typer(no_args_is_help=True, help="See whether letters are sent.")


@app.callback()
def mail() -> None: ...


@app.command()
def test(context: typer.Context, to: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Send a letter now, without a job, and print what the server says."""
    try:
        typer.echo(run(context, partial(send_trial, to=address.bare(to))))
    except ValueError as error:
        typer.secho(f"ADDRESS {error}", fg="red", err=True)
        raise typer.Exit(2) from None
    except (RefusedError, SendError) as error:
        typer.secho(printable(f"not sent: {error}"), fg="red", err=True)
        raise typer.Exit(1) from None


async def send_trial(resources: Resources, to: str) -> str:
    mail = resources[Mail]
    rendered = trial.render(Trial(environment=resources.settings.environment))
    built = message.build(rendered, id_=uuid.uuid4(), to=to, settings=mail.settings)
    await mail.mailer.send(built, sender=mail.settings.envelope_sender, to=to)
    return "caught: see /dev/mail" if isinstance(mail.mailer, CaughtLetters) else "accepted"
