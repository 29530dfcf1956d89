from ..errors import Conflict, NotFound


class UserNotFound(NotFound):
    type = "urn:problem:user-not-found"
    title = "User not found"


class EmailTaken(Conflict):
    type = "urn:problem:email-taken"
    title = "E-mail address taken"


class OwnAccount(Conflict):
    """An administrator must not remove their own rights: there might be no other administrator."""

    type = "urn:problem:own-account"
    title = "One's own account"
