from ..auth.errors import Unauthenticated
from ..errors import BadRequest


class LoginFailed(Unauthenticated):
    """The same whether there is such an account, whether it is disabled, and whether it has a password."""

    type = "urn:problem:login-failed"
    title = "Login failed"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class WrongPassword(BadRequest):
    """400 where the login has 401: this client is logged in."""

    type = "urn:problem:wrong-password"
    title = "Wrong password"

    def __init__(self) -> None:
        super().__init__("The current password is wrong.")
