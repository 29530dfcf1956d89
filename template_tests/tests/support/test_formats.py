"""Formats of Pydantic: it accepts the values that Schemathesis sends for them."""

from importlib import import_module
from typing import Annotated

from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as examples
from pydantic import (
    UUID4,
    UUID7,
    AwareDatetime,
    Base64UrlStr,
    BaseModel,
    Field,
    IPvAnyAddress,
    IPvAnyNetwork,
    WithJsonSchema,
)

from ..test_contract import Case


class Formats(BaseModel):
    """Of Pydantic's types, as `EmailStr` describes itself among them."""

    email: Annotated[str, Field(pattern=r"^[^@]+@[^@]+\.[^@]+$"), WithJsonSchema({"type": "string", "format": "email"})]
    random: UUID4
    ordered: UUID7
    address: IPvAnyAddress
    network: IPvAnyNetwork
    encoded: Base64UrlStr
    at: AwareDatetime


def test_values_of_formats_are_such_as_pydantic_takes() -> None:
    schemathesis = import_module("schemathesis")
    app = FastAPI()

    @app.post("/")
    def take(_: Formats) -> None: ...

    (found,) = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()

    @given(found.ok().as_strategy())
    @examples(max_examples=100, deadline=None, derandomize=True, database=None)
    def is_taken(case: Case) -> None:
        case.call_and_validate()

    is_taken()
