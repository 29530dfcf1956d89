from ..auth.errors import Unauthenticated
from ..errors import BadRequest


class LoginFailed(Unauthenticated):
    """Failed login. It is the same for an unknown address, a disabled account and an account without a password."""

    type = "urn:problem:login-failed"
    title = "Login failed"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class WrongPassword(BadRequest):
    """Wrong password of a client that is logged in: 400, where the login answers 401."""

    type = "urn:problem:wrong-password"
    title = "Wrong password"

    def __init__(self) -> None:
        super().__init__("The current password is wrong.")
