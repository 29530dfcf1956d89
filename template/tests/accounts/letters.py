"""Letters as their recipients read them."""

import re

from ..support.jobs import RunJobs
from ..support.mail import Outbox

TOKEN = re.compile(r"^[\w-]{43}$", re.MULTILINE)


async def token_to(email: str, run_jobs: RunJobs, outbox: Outbox) -> str:
    """Token of the newest letter to the address."""
    await run_jobs()
    letter = [letter for letter in outbox.letters if letter.to == email][-1]
    (token,) = TOKEN.findall(letter.text)
    return str(token)
