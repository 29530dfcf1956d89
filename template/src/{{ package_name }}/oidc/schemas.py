from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PATH = r'^/([!"$-.0-\[\]-~][!"$-\[\]-~]*)?$'
"""Path and query, in visible ASCII. Not `//host` or `/\\host`, which browsers read as another origin."""


class Beginning(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    return_to: Annotated[
        str, Field(pattern=PATH, max_length=500, description="A path of the front-end, where the browser goes then.")
    ] = "/"
    recent: Annotated[
        bool,
        Field(description="Authenticate the user anew, for what an older login may not do. Not all providers can."),
    ] = False


class Answer(BaseModel):
    """Parameters that the provider adds to the callback. Some providers add more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str | None, Field(min_length=1, max_length=8192)] = None
    error: Annotated[str | None, Field(max_length=200)] = None
    iss: Annotated[str | None, Field(max_length=255)] = None
