from ..errors import Conflict, NotFound


class UserNotFound(NotFound):
    type = "urn:problem:user-not-found"
    title = "User not found"


class EmailTaken(Conflict):
    type = "urn:problem:email-taken"
    title = "E-mail address taken"


class OwnAccount(Conflict):
    """An administrator who takes away their own rights may leave nobody with them."""

    type = "urn:problem:own-account"
    title = "One's own account"
