from typing import Annotated

from pydantic import Field

from ..auth.method import Transport
from ..passwords.policy import GivenPassword, NewPassword
from ..schemas import RequestBody
from ..users.schemas import Email, UserName

Token = Annotated[str, Field(min_length=1, max_length=100, description="From the letter.")]


class Registration(RequestBody):
    email: Email


class RegistrationConfirmation(RequestBody):
    """Token and password together: so no account gets a password that somebody else has chosen."""

    token: Token
    password: NewPassword
    name: UserName | None = None


class Login(RequestBody):
    email: Annotated[str, Field(min_length=1, max_length=254, examples=["ada@example.org"])]
    password: GivenPassword
    transport: Annotated[
        Transport, Field(description="`cookie` for browsers, `bearer` for programs: the token is in the answer then.")
    ] = "cookie"


class Reauthentication(RequestBody):
    password: GivenPassword
    transport: Transport = "cookie"


class PasswordReset(RequestBody):
    email: Email


class PasswordResetConfirmation(RequestBody):
    token: Token
    password: NewPassword


class PasswordChange(RequestBody):
    current: GivenPassword
    new: NewPassword


class EmailChange(RequestBody):
    email: Email


class EmailChangeConfirmation(RequestBody):
    token: Token
