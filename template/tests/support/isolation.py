"""Isolation: what one user makes is neither shown to others nor changed by them, whatever operation they use.

Every operation of the description is tried, so one that is added tomorrow is tried as well.
"""

import copy
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from itertools import islice, product
from typing import Any, Self

from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, Phase, given, settings

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PARAMETER = re.compile(r"{(\w+)}")
NOT_ALLOWED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}

EXAMPLES = 30
"""Requests of an operation that are tried until enough are accepted."""

ROWS = 2
"""What the owner makes with each operation, so that a list has a second page."""

COMBINATIONS = 40
"""Of identifiers in the path of one operation."""

SHORTEST = 8
"""Characters of an identifier that is in no answer by chance."""

type NewUser = Callable[[], Awaitable[AsyncClient]]
type Place = tuple[str | int, ...]
"""In a body: `("lines", 0, "product_id")`."""


@dataclass(frozen=True)
class Request:
    path: dict[str, str]
    query: dict[str, Any]
    body: Any

    @property
    def text(self) -> str:
        return f"{self.path} {self.query} {self.body}"

    def with_id_at(self, place: Place, value: str) -> Self:
        body = copy.deepcopy(self.body)
        within = body
        for step in place[:-1]:
            within = within[step]
        within[place[-1]] = value
        return replace(self, body=body)


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
            max_examples=EXAMPLES if self.is_creation else 1,
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
            self.path.format(**request.path),
            params=request.query,
            json=request.body,
            headers={"If-Match": "*"},  # or a change would be refused for the version that it is based on
        )


@dataclass
class Belongings:
    """What the owner has: identifiers, values that paths name something by, and cursors of lists."""

    path_parameters: frozenset[str]
    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)

    def add(self, answer: Response) -> None:
        if answer.is_success:
            self.ids.update(UUID.findall(answer.text))
            if answer.headers.get("Content-Type", "") == "application/json":
                for name, value in _fields(answer.json()):
                    if name == "id":
                        self.ids.add(str(value))
                    elif name in self.path_parameters and isinstance(value, str):
                        self.names.add(value)
                    elif name == "next" and value:
                        self.cursors.add(value)

    def shown(self, answer: Response, request: Request) -> set[str]:
        """Those that the answer shows, apart from those that were sent."""
        text = f"{answer.text} {answer.headers}"
        known = {each for each in self.ids | self.cursors if len(each) >= SHORTEST}
        return {each for each in known if each in text and each not in request.text}

    def requests(self, operation: Operation) -> Iterator[tuple[Request, Request]]:
        """The operation with one of them wherever an identifier or a cursor may stand, and the same with an unknown."""
        example = operation.examples[0]
        if example.path:
            for values in islice(product(sorted(self.ids | self.names), repeat=len(example.path)), COMBINATIONS):
                paths = [dict(zip(example.path, each, strict=True)) for each in (values, map(_unknown, values))]
                yield replace(example, path=paths[0]), replace(example, path=paths[1])
        for name in operation.queries:
            for value in sorted(self.cursors if name == "cursor" else self.ids):
                queries = [{name: each} for each in (value, _unknown(value))]
                yield replace(example, query=queries[0]), replace(example, query=queries[1])
        for place, request in {place: each for each in operation.examples for place in _places(each.body)}.items():
            for value in sorted(self.ids):
                yield request.with_id_at(place, value), request.with_id_at(place, _unknown(value))


class Isolation:
    def __init__(self, document: dict[str, Any], new_user: NewUser, nobody: AsyncClient) -> None:
        self._operations = list(_operations(document))
        self._guarded = [operation for operation in self._operations if not operation.is_public]
        self._new_user = new_user
        self._nobody = nobody
        self._belongings = Belongings(frozenset(name for each in self._operations for name in each.path_names))

    async def violations(self) -> list[str]:
        """A line for each operation that shows or changes what is another user's, or that asks for no login."""
        owner, newcomers = await self._new_user(), [await self._new_user() for _ in range(3)]
        before = _same(await self._read(newcomers[0]), await self._read(newcomers[1]))
        found = await self._make_rows(owner)
        owned = _same(await self._read(owner), await self._read(owner))
        after = await self._read(newcomers[2])  # who has read nothing yet, so no cache has an answer of before
        found += [
            f"{name}: shows that another user has made something" for name in before if after[name] != before[name]
        ]
        for operation in self._operations:
            found += [f"{operation}: {problem}" async for problem in self._problems(operation)]
        after = await self._read(owner)
        found += [f"{name}: shows what others have changed" for name in owned if after[name] != owned[name]]
        found += await self._problems_after_logout(owner)
        return sorted(set(found))

    async def _make_rows(self, owner: AsyncClient) -> list[str]:
        """With each operation that makes one. What needs the row of another operation is tried again after it."""
        left = [operation for operation in self._operations if operation.is_creation]
        tried = None
        while left != tried:
            tried = left
            left = [operation for operation in left if not await self._make(operation, owner)]
        for operation in self._operations:
            if operation.is_list:
                limit = {"limit": 1} if "limit" in operation.queries else {}
                self._belongings.add(await operation.send(owner, Request({}, limit, None)))
        return [f"{operation}: no example of it is accepted, so it is not tried" for operation in left]

    async def _make(self, operation: Operation, owner: AsyncClient) -> bool:
        """Whether rows were made, or the owner is not allowed to."""
        made = 0
        for request in self._candidates(operation):
            answer = await operation.send(owner, request)
            if answer.status_code in NOT_ALLOWED:
                return True
            self._belongings.add(answer)
            made += answer.is_success
            if made == ROWS:
                return True
        return made > 0

    def _candidates(self, operation: Operation) -> Iterator[Request]:
        """The examples; those of a row within another one, and those that refer to another, with what there is."""
        for example in operation.examples:
            if not (example.path or list(_places(example.body))):
                yield example
        yield from (request for request, _ in self._belongings.requests(operation))

    async def _problems(self, operation: Operation) -> AsyncIterator[str]:
        if not operation.is_public:
            answer = await operation.send(self._nobody, operation.examples[0])
            if answer.status_code not in NOT_ALLOWED:
                yield f"{answer.status_code} without a login"
        stranger = await self._new_user()
        for request, unknown in self._belongings.requests(operation):
            answer = await operation.send(stranger, request)
            if shown := self._belongings.shown(answer, request):
                yield f"{answer.status_code} with {', '.join(sorted(shown))}, which is another user's"
            if answer.is_success:
                stranger = await self._new_user()  # this may have been its end
                if not (await operation.send(stranger, unknown)).is_success:
                    yield f"{answer.status_code} for an identifier that is another user's"

    async def _problems_after_logout(self, owner: AsyncClient) -> list[str]:
        await owner.post("/auth/logout")
        return [
            f"{operation}: {answer.status_code} for a user who has logged out"
            for operation in self._guarded
            if (answer := await operation.send(owner, operation.examples[0])).status_code not in NOT_ALLOWED
        ]

    async def _read(self, user: AsyncClient) -> dict[str, str]:
        """What each list answers to a user."""
        answers = {str(each): await each.send(user, Request({}, {}, None)) for each in self._guarded if each.is_list}
        return {name: f"{answer.status_code} {answer.text}" for name, answer in answers.items()}


def _same(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    """Only these can be compared later: others tell who asks, or when."""
    return {name: text for name, text in one.items() if other[name] == text}


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    schemathesis = import_module("schemathesis")  # loading it takes a second, which no other test should wait for
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        each = found.ok()
        operation = Operation(each.method.upper(), each.path, each.definition.raw, each.as_strategy())
        if not operation.is_stream:
            yield operation


def _fields(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    match value:
        case dict():
            yield from value.items()
            for each in value.values():
                yield from _fields(each)
        case list():
            for each in value:
                yield from _fields(each)
        case _:
            return


def _places(body: Any) -> Iterator[Place]:  # noqa: ANN401
    """Where identifiers stand in a body."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in steps:
        if isinstance(value, str) and UUID.fullmatch(value):
            yield (step,)
        yield from ((step, *within) for within in _places(value))


def _unknown(identifier: str) -> str:
    """Of the same kind, and nobody's."""
    if UUID.fullmatch(identifier):
        return str(uuid.uuid4())
    return "987654321" if identifier.isdecimal() else identifier[::-1]
