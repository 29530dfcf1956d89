from ..errors import Forbidden, Unauthorized


class Unauthenticated(Unauthorized):
    type = "urn:problem:unauthenticated"
    title = "Not logged in"

    def __init__(self, detail: str = "This needs a valid login.") -> None:
        super().__init__(detail)


class ReauthenticationRequired(Unauthorized):
    """The login is valid, but too old for this (RFC 9470, section 3)."""

    type = "urn:problem:reauthentication-required"
    title = "Reauthentication required"

    def __init__(self, max_age: int) -> None:
        challenge = f'Bearer error="insufficient_user_authentication", max_age="{max_age}"'
        super().__init__("Confirm your password, then repeat this.", scheme=challenge)


class PermissionMissing(Forbidden):
    type = "urn:problem:permission-missing"
    title = "Permission missing"


class CrossOrigin(Forbidden):
    type = "urn:problem:cross-origin"
    title = "Request from another origin"
