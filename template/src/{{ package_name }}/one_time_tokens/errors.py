from ..errors import BadRequest


class InvalidToken(BadRequest):
    """Invalid token: the same error if it never existed, was used, has expired or is for another purpose."""

    type = "urn:problem:invalid-token"
    title = "Invalid token"

    def __init__(self) -> None:
        super().__init__("This token is not valid, or not any more. Ask for another one.")
