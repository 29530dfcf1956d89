from ..errors import BadRequest, Forbidden, Unavailable


class Refused(Exception):
    """Response that does not belong to the request, or is not from the provider. The text is for the log."""


class ProviderLoginFailed(BadRequest):
    """Login that failed for any reason. The audit log has the reason."""

    type = "urn:problem:provider-login-failed"
    title = "Login with the provider failed"

    def __init__(self) -> None:
        super().__init__("This login was not completed. Begin it again.")


class EmailNotProven(Forbidden):
    type = "urn:problem:email-not-proven"
    title = "E-mail address not proven"

    def __init__(self) -> None:
        super().__init__(
            "The provider does not vouch for an e-mail address of yours. Confirm it there, and log in again."
        )


class ProviderUnavailable(Unavailable):
    type = "urn:problem:provider-unavailable"
    title = "Login provider unavailable"

    def __init__(self, detail: str = "The login provider does not answer at the moment.") -> None:
        super().__init__(detail, retry_after=5)
