"""Bodies: what those of requests and of responses have in common, and text that the database can store."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Any text but NUL, which PostgreSQL cannot store; kept as it was sent."""

WHITE_SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""What Unicode calls so, for a class of characters: engines that read the description differ in what `\s` is."""

NonBlankText = Annotated[str, StringConstraints(pattern=rf"^[^\x00]*[^\x00{WHITE_SPACE}][^\x00]*$")]
"""Text that is more than white space."""


class RequestBody(BaseModel):
    """Refuses what it does not know: misspelt fields are errors, and no hidden column can be set (ASVS 5.0, 15.3.3).

    And numbers that JSON does not have, such as `NaN` (RFC 8259, section 6), which Python reads all the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ResponseBody(BaseModel):
    """Made from a row or a model as it is: only the fields that are declared go out."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class NamedEnum(StrEnum):
    """Its members keep their names in generated clients, where their values are no names. See `x-enum-varnames`."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        handler.resolve_ref_schema(described)["x-enum-varnames"] = [member.name for member in cls]
        return described
