"""Isolation: what one user makes is neither shown to others nor changed by them, whatever operation they use.

Every operation of the description is tried, so one that is added tomorrow is tried as well.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import islice, product
from typing import Any

from httpx2 import AsyncClient, Response

from .operations import UUID, Operation, Place, Request, fields, read
from .rows import REFUSED, Rows, varied

COMBINATIONS = 40
"""Of identifiers in the path of one operation."""

SHORTEST = 8
"""Characters of an identifier that is in no answer by chance."""

type NewUser = Callable[[], Awaitable[AsyncClient]]


@dataclass
class Belongings:
    """What the owner has: identifiers, values that paths name something by, and cursors of lists."""

    path_parameters: frozenset[str]
    everybodys: set[str] = field(default_factory=set)
    """Identifiers that each user reads."""

    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)

    def add(self, answer: Response) -> None:
        found = set(UUID.findall(answer.text))
        if answer.is_success and not (found and found <= self.everybodys):
            self.ids |= found - self.everybodys
            if answer.headers.get("Content-Type", "") == "application/json":
                for name, value in fields(answer.json()):
                    if str(value) in self.everybodys:
                        continue
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

    def queries(self, operation: Operation) -> Iterator[tuple[Request, list[Request]]]:
        """For each parameter: the operation with an unknown identifier or cursor, and with each that is known.

        Identifiers of one form come together, so that the unknown one tells whether the parameter takes that form.
        """
        example = operation.examples[0]
        for name in operation.queries:
            forms: dict[str, list[str]] = {}
            for value in sorted(self.cursors if name == "cursor" else self.ids):
                form = "cursor" if name == "cursor" else _form(value)
                forms.setdefault(form, []).append(value)
            for values in forms.values():
                requests = [replace(example, query={name: each}) for each in (_unknown(values[0]), *values)]
                yield requests[0], requests[1:]

    def requests(self, operation: Operation, tried: Container[Place]) -> Iterator[tuple[Request, Request]]:
        """The operation with one of them wherever an identifier may stand, and the same with an unknown one.

        Apart from queries, and from places in the body that are tried otherwise.
        """
        example = operation.examples[0]
        if example.path:
            for values in islice(product(sorted(self.ids | self.names), repeat=len(example.path)), COMBINATIONS):
                paths = [dict(zip(example.path, each, strict=True)) for each in (values, map(_unknown, values))]
                yield replace(example, path=paths[0]), replace(example, path=paths[1])
        for place, request in {place: each for each in operation.examples for place in each.places}.items():
            if place[0] == "body" and place not in tried:
                for value in sorted(self.ids):
                    yield request.with_ids({place: [value]}), request.with_ids({place: [_unknown(value)]})


class Isolation:
    def __init__(self, document: dict[str, Any], new_user: NewUser, nobody: AsyncClient, admin: AsyncClient) -> None:
        self._operations = list(read(document))
        self._creations = [operation for operation in self._operations if operation.is_creation]
        self._guarded = [operation for operation in self._operations if not operation.is_public]
        self._new_user = new_user
        self._nobody = nobody
        self._admin = admin
        self._belongings = Belongings(frozenset(name for each in self._operations for name in each.path_names))

    async def violations(self) -> list[str]:
        """A line for each operation that shows or changes what is another user's, or that asks for no login."""
        everybodys = await self._make_rows_of_everybody()
        owner, newcomers = await self._new_user(), [await self._new_user() for _ in range(3)]
        before = _same(await self._read(newcomers[0]), await self._read(newcomers[1]))
        self._belongings.everybodys.update(UUID.findall(str(before)))
        rows, found = await self._make_rows(owner, everybodys)
        owned = _same(await self._read(owner), await self._read(owner))
        after = await self._read(newcomers[2])  # who has read nothing yet, so no cache has an answer of before
        found += [
            f"{name}: shows that another user has made something" for name in before if after[name] != before[name]
        ]
        other = Rows(await self._new_user(), _copy(everybodys))
        await other.make(self._creations)
        await other.make([each for each in self._operations if each.is_reference])
        for operation in self._operations:
            found += [
                f"{operation}: {problem}" async for problem in self._problems(operation, other.references(operation))
            ]
            found += [f"{operation}: {problem}" async for problem in self._wrong_references(operation, rows, other)]
        after = await self._read(owner)
        found += [f"{name}: shows what others have changed" for name in owned if after[name] != owned[name]]
        found += await self._problems_after_logout(owner)
        return sorted(set(found))

    async def _make_rows_of_everybody(self) -> dict[str, list[str]]:
        """With the operations that users are not allowed, since their own rows may refer to these."""
        user, rows = await self._new_user(), Rows(self._admin, {})
        await rows.make(
            [
                each
                for each in self._creations
                if (await each.send(user, each.examples[0])).status_code == HTTPStatus.FORBIDDEN
            ]
        )
        for answer in rows.answers:
            self._belongings.everybodys.update(UUID.findall(answer.text))
        return rows.ids

    async def _make_rows(self, owner: AsyncClient, everybodys: dict[str, list[str]]) -> tuple[Rows, list[str]]:
        rows = Rows(owner, _copy(everybodys))
        left = await rows.make(self._creations)
        for answer in rows.answers:
            self._belongings.add(answer)
        for operation in self._operations:
            if operation.is_list:
                limit = {"limit": 1} if "limit" in operation.queries else {}
                self._belongings.add(await operation.send(owner, Request({}, limit, None)))
        return rows, [f"{operation}: no example of it is accepted, so it is not tried" for operation in left]

    async def _problems(self, operation: Operation, tried: Container[Place]) -> AsyncIterator[str]:
        if not operation.is_public:
            answer = await operation.send(self._nobody, operation.examples[0])
            if answer.status_code not in REFUSED:
                yield f"{answer.status_code} without a login"
        async for problem in self._problems_of_queries(operation):
            yield problem
        stranger: AsyncClient | None = None
        for request, unknown in self._belongings.requests(operation, tried):
            stranger = stranger or await self._new_user()
            answer = await operation.send(stranger, request)
            if shown := self._belongings.shown(answer, request):
                yield f"{answer.status_code} with {', '.join(sorted(shown))}, which is another user's"
            if answer.is_success:
                stranger = await self._new_user()  # this may have been its end
                if not (await operation.send(stranger, unknown)).is_success:
                    yield f"{answer.status_code} for an identifier that is another user's"

    async def _problems_of_queries(self, operation: Operation) -> AsyncIterator[str]:
        """Where an unknown identifier is accepted, as by a filter, another user's may be, if nothing of it is shown.

        Where it is malformed, so is any other of that form: these are not tried one by one.
        """
        stranger = await self._new_user() if operation.queries else self._nobody
        for unknown, requests in self._belongings.queries(operation):
            answer = await operation.send(stranger, unknown)
            if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                continue
            is_filter = answer.is_success
            for request in requests:
                if answer.is_success and operation.method != "GET":
                    stranger = await self._new_user()  # this may have been its end
                answer = await operation.send(stranger, request)
                if shown := self._belongings.shown(answer, request):
                    yield f"{answer.status_code} with {', '.join(sorted(shown))}, which is another user's"
                if answer.is_success and not is_filter:
                    yield f"{answer.status_code} for an identifier that is another user's"

    async def _wrong_references(self, operation: Operation, owned: Rows, other: Rows) -> AsyncIterator[str]:
        """What is accepted with one identifier of the owner among those of the one who asks.

        An example counts only if it is accepted with all identifiers of the one who asks. This is tried last, since a
        value that must be unique can be sent once.
        """
        left = {
            place: theirs[-1]
            for place in other.references(operation)
            if (
                theirs := [
                    each
                    for each in owned.of(other.paths[place])
                    if each in self._belongings.ids | self._belongings.names
                ]
            )
        }
        for example in varied(operation.examples):
            places = [place for place in example.places if place in left]
            request = other.with_own_ids(operation, example)
            is_accepted = False
            for place in places:
                if (await operation.send(other.client, request.with_ids({place: [_unknown(left[place])]}))).is_success:
                    is_accepted = True  # this place takes any identifier
                    continue
                answer = await operation.send(other.client, request.with_ids({place: [left[place]]}))
                if answer.is_success:
                    is_accepted = True
                    yield f"{answer.status_code} for an identifier that is another user's"
            if places and (is_accepted or (await operation.send(other.client, request)).is_success):
                left = {place: theirs for place, theirs in left.items() if place not in places}

    async def _problems_after_logout(self, owner: AsyncClient) -> list[str]:
        await owner.post("/auth/logout")
        return [
            f"{operation}: {answer.status_code} for a user who has logged out"
            for operation in self._guarded
            if (answer := await operation.send(owner, operation.examples[0])).status_code not in REFUSED
        ]

    async def _read(self, user: AsyncClient) -> dict[str, str]:
        """What each list answers to a user."""
        answers = {str(each): await each.send(user, Request({}, {}, None)) for each in self._guarded if each.is_list}
        return {name: f"{answer.status_code} {answer.text}" for name, answer in answers.items()}


def _copy(ids: dict[str, list[str]]) -> dict[str, list[str]]:
    return {path: list(each) for path, each in ids.items()}


def _same(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    """Only these can be compared later: others tell who asks, or when."""
    return {name: text for name, text in one.items() if other[name] == text}


def _form(identifier: str) -> str:
    return "uuid" if UUID.fullmatch(identifier) else "number" if identifier.isdecimal() else "text"


def _unknown(identifier: str) -> str:
    """Of the same kind, and nobody's."""
    if UUID.fullmatch(identifier):
        return str(uuid.uuid4())
    return "987654321" if identifier.isdecimal() else identifier[::-1]
