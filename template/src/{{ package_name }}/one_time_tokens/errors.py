from ..errors import BadRequest


class InvalidToken(BadRequest):
    """One answer for what was never drawn, is used up, has expired or is for something else."""

    type = "urn:problem:invalid-token"
    title = "Invalid token"

    def __init__(self) -> None:
        super().__init__("This token is not valid, or not any more. Ask for another one.")
