"""Types of fields in bodies and queries of resources. Each accepts exactly the values of its description."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    FiniteFloat,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from .schemas import Text


@dataclass(frozen=True)
class WholeNumber:
    """Integer within limits. `true` and "1" are refused; 1.0 is accepted (JSON Schema, "integer")."""

    least: int = -(2**31)
    greatest: int = 2**31 - 1

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        integer = core_schema.int_schema(strict=True, ge=self.least, le=self.greatest)
        return core_schema.no_info_before_validator_function(self._whole, integer)

    def _whole(self, value: object) -> object:
        return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(frozen=True)
class TextForm:
    """Value that is sent as text of this pattern. Pydantic alone would accept others as well, as numbers for dates."""

    pattern: str
    example: str
    format: str | None = None
    """Format in the description, if the pattern does not say everything."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        form = {"format": self.format} if self.format else {"pattern": self.pattern}
        return {"type": "string", **form, "examples": [self.example]}

    def _check(self, value: object) -> object:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return value
        raise ValueError(f"must be text such as {self.example}")


def _digits(greatest: int) -> str:
    return "[0-9]{1," + str(greatest) + "}"


@dataclass(frozen=True)
class DecimalText:
    """Decimal as text: as a JSON number, nearly every client would convert it to binary floating point."""

    digits: int
    decimals: int
    signed: bool = True

    @property
    def pattern(self) -> str:
        sign = "-?" if self.signed else ""
        fraction = rf"(\.{_digits(self.decimals)})?" if self.decimals else ""
        return f"^{sign}{_digits(self.digits - self.decimals)}{fraction}$"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._parse, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "examples": [str(self._quantised("1"))]}

    def _parse(self, value: object) -> Decimal:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return self._quantised(value)
        raise ValueError(
            f"must be text of a number with at most {self.decimals} decimals, such as {self._quantised('1')}"
        )

    def _quantised(self, text: str) -> Decimal:
        return Decimal(text).quantize(Decimal(1).scaleb(-self.decimals))


class OnlySuchKeys:
    """Description of a dictionary whose keys have a pattern. Pydantic's own description allows other keys as well."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "additionalProperties": False}


def _as_utc(value: datetime) -> datetime:
    """Return the time in UTC. Raises `ValueError` if it is then outside of the years 1 to 9999."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time between the years 1 and 9999 in UTC") from None


def _iso_duration(value: timedelta) -> str:
    """Return the duration in days and smaller units: a year is not always 365 days (RFC 3339, appendix A)."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{value.days}D" if value.days else ""
    clock = f"{hours}H" if hours else ""
    if minutes or (hours and seconds):
        clock += f"{minutes}M"
    if seconds or not (days or clock):
        clock += f"{seconds}S"
    return f"P{days}T{clock}" if clock else f"P{days}"


def _decoded(value: object) -> object:
    """Decode JSON: rows of a `Reader` have `jsonb` as text."""
    return json.loads(value) if isinstance(value, str) else value


Integer = Annotated[int, WholeNumber()]
BigInteger = Annotated[int, WholeNumber(1 - 2**53, 2**53 - 1)]
"""Integer that all clients read alike; larger numbers in JSON are not (RFC 8259, section 6)."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
CalendarDate = Annotated[date, TextForm(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2030-01-31", "date")]
Timestamp = Annotated[
    AwareDatetime,
    TextForm(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
        "2030-01-31T12:00:00Z",
        "date-time",
    ),
    AfterValidator(_as_utc),
]
"""Time with its offset from UTC (RFC 3339), stored in UTC."""

TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"
TimeOfDay = Annotated[time, TextForm(TIME_OF_DAY, "09:30:00")]
DURATION = (
    r"^P([0-9]{1,6}D|([0-9]{1,6}D)?T([0-9]{1,6}H([0-9]{1,6}M)?([0-9]{1,6}S)?|[0-9]{1,6}M([0-9]{1,6}S)?|[0-9]{1,6}S))$"
)
Duration = Annotated[timedelta, TextForm(DURATION, "PT1H30M")]
"""Duration in days, hours, minutes and seconds (ISO 8601), without months, which differ in length."""

Email = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}$", max_length=254
    ),
    Field(examples=["ada@example.org"]),
]
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?([/?#][!-~]*)?$", max_length=2000
    ),
    Field(examples=["https://example.org/"]),
]

type Json = StrictBool | int | FiniteFloat | Text | list[Json] | JsonObject | None
type JsonObject = Annotated[dict[Text, Json], OnlySuchKeys()]
"""JSON that `jsonb` can store: without NUL in a text, and without NaN or infinity."""

StoredTime = Annotated[time, WithJsonSchema({"type": "string", "pattern": TIME_OF_DAY})]
StoredDuration = Annotated[
    timedelta, PlainSerializer(_iso_duration), WithJsonSchema({"type": "string", "format": "duration"})
]
StoredJson = Annotated[dict[str, Any], BeforeValidator(_decoded)]

IntegerParameter = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""Integer in a query, where every value is text."""
BigIntegerParameter = Annotated[int, Field(ge=1 - 2**53, le=2**53 - 1)]
NumberParameter = FiniteFloat
BooleanParameter = Annotated[StrictBool, BeforeValidator({"true": True, "false": False}.get)]
