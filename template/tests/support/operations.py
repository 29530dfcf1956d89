"""Operations of the API's description, and requests of them with identifiers in any place."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import Any, Self
from urllib.parse import quote

from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, Phase, given, settings

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PARAMETER = re.compile(r"{(\w+)}")

EXAMPLES = 30
"""Requests of an operation that are tried until enough are accepted."""

type Place = tuple[str, ...]
"""Of an identifier in the path, `("path", "order_id")`, or in the body, `("body", "lines", "*", "product_id")`."""


@dataclass(frozen=True)
class Request:
    path: dict[str, str]
    query: dict[str, Any]
    body: Any

    @property
    def text(self) -> str:
        return f"{self.path} {self.query} {self.body}"

    @cached_property
    def places(self) -> list[Place]:
        found = [("path", name) for name in self.path]
        return list(dict.fromkeys([*found, *(_place(steps) for steps in _steps(self.body))]))

    def with_ids(self, ids: dict[Place, list[str]]) -> Self:
        """The elements of an array get one after the other of the identifiers of their place."""
        body = copy.deepcopy(self.body)
        used: dict[Place, int] = {}
        for steps in _steps(body):
            place = _place(steps)
            if place in ids:
                within = body
                for step in steps[:-1]:
                    within = within[step]
                within[steps[-1]] = ids[place][used.get(place, 0) % len(ids[place])]
                used[place] = used.get(place, 0) + 1
        path = {name: ids.get(("path", name), [value])[0] for name, value in self.path.items()}
        return replace(self, path=path, body=body)


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    raw: dict[str, Any]
    strategy: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        return not self.raw.get("security")

    @property
    def is_creation(self) -> bool:
        takes_json = "application/json" in self.raw.get("requestBody", {"content": {"application/json": {}}})["content"]
        return self.method == "POST" and "201" in self.raw["responses"] and takes_json and not self.is_public

    @property
    def is_reference(self) -> bool:
        """It changes a row, and what the row refers to."""
        return self.method in {"PATCH", "PUT"} and any(
            place[0] == "body" for each in self.examples for place in each.places
        )

    @property
    def is_list(self) -> bool:
        """It is read without an identifier."""
        return self.method == "GET" and "{" not in self.path

    @property
    def is_stream(self) -> bool:
        """Whoever waits for the end of a stream of events waits for ever."""
        return "text/event-stream" in self.raw["responses"].get("200", {}).get("content", {})

    @property
    def queries(self) -> list[str]:
        return [each["name"] for each in self.raw.get("parameters", ()) if each["in"] == "query"]

    @property
    def path_names(self) -> list[str]:
        return PARAMETER.findall(self.path)

    @cached_property
    def examples(self) -> list[Request]:
        """The same ones each time; each fits the description."""
        found: list[Request] = []

        @given(self.strategy)
        @settings(
            max_examples=EXAMPLES if self.method in {"POST", "PATCH", "PUT"} else 1,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def collect(case: Any) -> None:  # noqa: ANN401 - mypy does not read Schemathesis
            path = {name: str(value) for name, value in (case.path_parameters or {}).items()}
            body = copy.deepcopy(case.body) if isinstance(case.body, dict | list) else None
            found.append(Request(path, dict(case.query or {}), body))

        collect()
        return found

    async def send(self, client: AsyncClient, request: Request) -> Response:
        return await client.request(
            self.method,
            self.path.format(**{name: quote(value, safe="") for name, value in request.path.items()}),
            params=request.query,
            json=request.body,
            headers={"If-Match": "*"},  # or a change would be refused for the version that it is based on
        )


def read(document: dict[str, Any]) -> Iterator[Operation]:
    schemathesis = import_module("schemathesis")  # loading it takes a second, which no other test should wait for
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        each = found.ok()
        operation = Operation(each.method.upper(), each.path, each.definition.raw, each.as_strategy())
        if not operation.is_stream:
            yield operation


def fields(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    """Names and values of all objects in a body."""
    match value:
        case dict():
            yield from value.items()
            for each in value.values():
                yield from fields(each)
        case list():
            for each in value:
                yield from fields(each)
        case _:
            return


def _steps(body: Any) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    """Those that lead to each identifier in a body."""
    found = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in found:
        if isinstance(value, str) and UUID.fullmatch(value):
            yield (step,)
        yield from ((step, *within) for within in _steps(value))


def _place(steps: tuple[str | int, ...]) -> Place:
    return ("body", *("*" if isinstance(step, int) else step for step in steps))
