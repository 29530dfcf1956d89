from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from ..db.transaction import transaction
from ..feature import Feature
from ..jobs.job import Context, Cron, Job, Nothing
from ..resources import Resources
from . import repository, smtp_url
from .caught import CaughtLetters
from .commands import app
from .mailer import Mail
from .settings import MailSettings
from .smtp import SmtpMailer
from .trial import trial


@asynccontextmanager
async def open_mail(resources: Resources) -> AsyncIterator[Mail]:
    settings = resources.settings[MailSettings]
    if settings.url is None:
        yield Mail(settings, CaughtLetters(resources.redis))
    else:
        yield Mail(settings, SmtpMailer(smtp_url.parse(settings.url), settings.timeout))


async def forget_sent(_: Nothing, context: Context) -> None:
    age = timedelta(days=context.resources.settings[MailSettings].keep_days)
    forgotten = repository.BATCH
    while forgotten == repository.BATCH:
        async with transaction(context.resources) as tx:
            forgotten = await repository.forget(tx, age)


forget = Job("mail.forget_sent", Nothing, forget_sent)

feature = Feature(
    "mail",
    settings={"mail": MailSettings},
    resources=(open_mail,),
    jobs=(forget,),
    crons=(Cron("41 3 * * *", forget, Nothing()),),
    letters=(trial,),
    commands=app,
)
