"""Environment variables and `.env`: the names of settings in them, and the form of their values.

A setting `pool_size` of the group `database` is `DATABASE_POOL_SIZE`. All other variables belong to other programs and
are ignored.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsError
from pydantic_settings.sources import DotenvType

ENV_FILE = ".env"

SERVICE_LINK = re.compile(r"(tcp|udp|sctp)://").match
"""Value of a variable that Kubernetes sets: `METRICS_PORT=tcp://10.0.0.1:9090` if a service is called `metrics`."""

LIKENESS = 0.885
"""Least similarity to a misspelt name: `REDIS_ULR` reaches it; `DATABASE_USER`, against `DATABASE_URL`, does not."""


class Environment(EnvSettingsSource):
    """Variables of the process, then of `.env` in this folder or in a parent folder inside the project.

    Lists are separated by commas, or written in JSON. A blank value is an empty list; for a setting that has a default
    and is no list, it is the default. Spaces around a value do not count; nor do quotes around one of the process:
    `docker --env-file` does not remove them, as shells and `.env` do.
    """

    def __init__(self, settings: type[BaseSettings], env_file: DotenvType | None) -> None:
        super().__init__(settings)
        file = DotEnvSettingsSource(settings, env_file)
        process = {name: _unquoted(value) for name, value in self.env_vars.items()}
        given = {name: (value or "").strip() for name, value in {**file.env_vars, **process}.items()}
        for name in given.keys() & {name.lower() for name in variables(settings)}:
            if not _is_text(given[name]):
                raise SettingsError(f"{name.upper()} has bytes that are not UTF-8")
        # A group has no variable of its own: `LOG` and `API` belong to other programs.
        self.env_vars = {
            name: value
            for name, value in given.items()
            if not (
                name in _groups(settings)
                or (name.endswith("_port") and SERVICE_LINK(value))
                or (value == "" and self._has_default(name))
            )
        }

    def _has_default(self, name: str) -> bool:
        """Check whether the variable, in lower case, is that of a setting with a default that is no list."""
        field = _fields(self.settings_cls).get(name.upper())
        return field is not None and not field.is_required() and not self.field_is_complex(field)

    def __call__(self) -> dict[str, Any]:
        return {**{name: {} for name in required_groups(self.settings_cls)}, **super().__call__()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401 - as inherited
        if value.startswith(("[", "{")) or (field and NoDecode in field.metadata):
            with suppress(ValueError):
                return super().decode_complex_value(field_name, field, value)
            return value  # Pydantic refuses it, and names its variable
        return [part.strip() for part in value.split(",") if part.strip()]

    def misspelt(self) -> dict[str, str]:
        """Return variables that are probably misspelt, each with the setting that is probably meant."""
        known = set(variables(self.settings_cls))
        anything = tuple(f"{name}_" for name, group in _groups(self.settings_cls).items() if _takes_anything(group))
        missing = known - {name.upper() for name in self.env_vars}
        unknown = (name.upper() for name in self.env_vars if not name.startswith(anything))
        close = {name: get_close_matches(name, missing, 1, LIKENESS) for name in unknown if name not in known}
        return {name: meant[0] for name, meant in close.items() if meant}


def _is_text(value: str) -> bool:
    """Check that the value is text: Python has bytes of the environment that are none as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unquoted(value: str | None) -> str:
    """Return the value without the quotes around it. A list may have others: `"a","b"`."""
    text = (value or "").strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.count(text[0]) == 2
    return text[1:-1] if is_quoted else text


def env_file() -> Path:
    """Return the path of `.env` in this folder or, inside a project, in the nearest parent folder that has one."""
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if (folder / "pyproject.toml").is_file()), here)
    within = [folder for folder in (here, *here.parents) if folder.is_relative_to(project)]
    return next((folder / ENV_FILE for folder in within if (folder / ENV_FILE).is_file()), here / ENV_FILE)


def variables(settings: type[BaseModel]) -> Iterator[str]:
    """Return the names of all variables that these settings read."""
    yield from _fields(settings)


def variable(settings: type[BaseModel], location: Sequence[int | str]) -> str:
    """Return the name of the variable with this part of the settings. One variable holds a whole list or dictionary."""
    parts = [str(part).upper() for part in location]
    if not parts:
        return "settings"
    if str(location[0]) not in _groups(settings):
        return parts[0]
    return "_".join(parts[:2]) if len(parts) > 1 else f"{parts[0]}_…"


def _fields(settings: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the settings by the names of their variables."""
    groups = _groups(settings)
    found: dict[str, FieldInfo] = {}
    for name, field in settings.model_fields.items():
        if name in groups:
            found |= {f"{name}_{part}".upper(): each for part, each in groups[name].model_fields.items()}
        else:
            found[name.upper()] = field
    return found


def required_groups(settings: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the groups that have no default. With an empty group as input, Pydantic names each missing setting."""
    return {name: group for name, group in _groups(settings).items() if settings.model_fields[name].is_required()}


def _groups(settings: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the fields whose type is a model, or a model or `None`."""
    kinds = {name: (field.annotation, *get_args(field.annotation)) for name, field in settings.model_fields.items()}
    return {
        name: kind
        for name, kinds_of_one in kinds.items()
        for kind in kinds_of_one
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def _takes_anything(group: type[BaseModel]) -> bool:
    return group.model_config.get("extra") == "allow"
