"""Base classes of request and response bodies, and types of text that the database can store."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text without NUL, which PostgreSQL cannot store. It is not changed."""

WHITE_SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""Unicode white space, for a character class: regular expression engines have different meanings of `\s`."""

NonBlankText = Annotated[str, StringConstraints(pattern=rf"^[^\x00]*[^\x00{WHITE_SPACE}][^\x00]*$")]
"""Text that is not only white space."""


class RequestBody(BaseModel):
    """Body that refuses unknown fields: misspelt ones are errors, and no hidden column can be set (ASVS 5.0, 15.3.3).

    It also refuses numbers that JSON does not have, such as `NaN` (RFC 8259, section 6), which Python would read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ResponseBody(BaseModel):
    """Body that is made from a row or a model. Only the declared fields are sent."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class NamedEnum(StrEnum):
    """Enum whose members keep their names in generated clients, where the values are no names: `x-enum-varnames`."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        handler.resolve_ref_schema(described)["x-enum-varnames"] = [member.name for member in cls]
        return described
