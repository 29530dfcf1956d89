"""What bodies have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]
"""Any text but NUL, which PostgreSQL cannot store."""

NonBlankText = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
"""Text of which something remains when the white space around it is taken away."""


class RequestBody(BaseModel):
    """Refuses what it does not know: misspelt fields are errors, and no hidden column can be set (ASVS 5.0, 15.3.3)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseBody(BaseModel):
    """Made from a row or a model as it is: only the fields that are declared go out."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
