"""Rows that a user makes with each operation of the API, where a row may need others of the same user."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from operator import itemgetter

from httpx2 import AsyncClient, Response

from .operations import Operation, Place, Request

ROWS = 2
"""What a user makes with each operation, so that a list has a second page."""

TRIES = 100
"""Requests until an operation has rows with an identifier in each of its places."""

BESIDE_THE_NAME = 3
"""Tries of other places that go before an identifier which the name of its place does not suggest."""

AS_IT_IS = ""
"""Instead of a path: the identifier that the example has already."""

REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass
class Rows:
    """Identifiers of a user's rows, by the path of the operation that makes them."""

    client: AsyncClient
    ids: dict[str, list[str]]
    names: dict[str, list[str]] = field(default_factory=dict)
    answers: list[Response] = field(default_factory=list)
    accepted: set[tuple[str, Place]] = field(default_factory=set)
    """Operations, with the places of identifiers of the requests that were accepted."""

    made: dict[str, int] = field(default_factory=dict)
    tried: dict[str, set[str]] = field(default_factory=dict)
    """With rows of which paths an operation was tried last."""

    paths: dict[Place, str] = field(default_factory=dict)
    """Whose identifiers a place of this name takes."""

    async def make(self, operations: Iterable[Operation]) -> list[Operation]:
        """With each operation, again after others have made what it needs. Returns those that made none."""
        left, before = list(operations), -1
        while len(self.accepted) + len(self.made) != before:
            before = len(self.accepted) + len(self.made)
            left = [operation for operation in left if not await self._make(operation)]
        return [operation for operation in left if str(operation) not in self.made]

    def of(self, path: str) -> list[str]:
        """Identifiers of rows that the operation of this path has made, or what they have in the field of this name."""
        return self.ids.get(path) or self.names.get(path) or []

    def references(self, operation: Operation) -> set[Place]:
        """Where an identifier of this user's was accepted."""
        accepted = {place for name, place in self.accepted if name == str(operation)}
        return {place for place in accepted if self.paths[place] != AS_IT_IS}

    def with_own_ids(self, operation: Operation, example: Request) -> Request:
        return example.with_ids(
            {place: self._newest(operation, self.paths[place]) for place in self.references(operation)}
        )

    async def _make(self, operation: Operation) -> bool:
        """Whether there is no more to make."""
        name = str(operation)
        if self.tried.get(name) == set(self.ids):
            return False
        self.tried[name] = set(self.ids)
        places = {place for example in operation.examples for place in example.places}
        missing = {place for place in places if (name, place) not in self.accepted}
        found = (each for each in self._requests(operation) if self._is_new(name, each[0], missing))
        for request, paths in islice(found, TRIES):
            answer = await operation.send(self.client, request)
            if answer.status_code in REFUSED:
                self.made.setdefault(name, 0)
                return True
            if answer.is_success:
                self._add(operation, request, paths, answer)
                missing -= set(request.places)
            if self.made.get(name, 0) >= ROWS and not missing:
                return True
        return False

    def _is_new(self, name: str, request: Request, missing: set[Place]) -> bool:
        return self.made.get(name, 0) < ROWS or not missing.isdisjoint(request.places)

    def _add(self, operation: Operation, request: Request, paths: dict[Place, str], answer: Response) -> None:
        self.answers.append(answer)
        self.made[str(operation)] = self.made.get(str(operation), 0) + 1
        self.accepted |= {(str(operation), place) for place in request.places}
        self.paths |= paths
        row = answer.json() if answer.headers.get("Content-Type", "") == "application/json" else None
        if operation.is_creation and isinstance(row, dict):
            if "id" in row:
                self.ids.setdefault(operation.path, []).append(str(row["id"]))
            for name, value in row.items():
                if isinstance(value, str) and name != "id":
                    self.names.setdefault(name, []).append(value)

    def _requests(self, operation: Operation) -> Iterator[tuple[Request, dict[Place, str]]]:
        """The operation's examples with identifiers of this user, the likeliest first."""
        examples = varied(operation.examples)
        for cost in range(TRIES):
            for number, example in enumerate(examples[: cost + 1]):
                choices = [self._choices(operation, place) for place in example.places]
                for paths in _combinations(choices, cost - number):
                    chosen = dict(zip(example.places, paths, strict=True))
                    ids = {place: self._newest(operation, path) for place, path in chosen.items() if path != AS_IT_IS}
                    yield example.with_ids(ids), chosen

    def _choices(self, operation: Operation, place: Place) -> list[tuple[int, str]]:
        """Paths of the rows that a place may take, each with its cost."""
        paths = [AS_IT_IS, *sorted(self.ids)]
        likely = [path for path in paths if self._is_likely(operation, place, path)]
        if place[0] == "path" and place[-1] in self.names and not likely:
            return [(0, place[-1])]
        others = [path for path in paths if path not in likely]
        first = BESIDE_THE_NAME if likely else 0
        return [*enumerate(likely), *enumerate(others, start=len(likely) + first)]

    def _is_likely(self, operation: Operation, place: Place, path: str) -> bool:
        if place in self.paths:
            return path == self.paths[place]
        if place[0] == "path":
            return operation.path.startswith(path + "/{" + place[-1] + "}")
        words = {word.removesuffix("s") for word in re.findall("[a-z]+", path.rsplit("/", 1)[-1])}
        name = next(step for step in reversed(place) if step != "*")
        return not words.isdisjoint(word.removesuffix("s") for word in re.findall("[a-z]+", name))

    def _newest(self, operation: Operation, path: str) -> list[str]:
        """Identifiers of these rows: the newest first, and another one for each row that is made with them."""
        found = self.of(path)[::-1]
        start = self.made.get(str(operation), 0) % len(found)
        return found[start:] + found[:start]


def varied(examples: Sequence[Request]) -> list[Request]:
    """With identifiers in other places each, before those that differ in their values only."""
    seen = Counter[frozenset[Place]]()
    rounds: list[tuple[int, int, Request]] = []
    for example in examples:
        places = frozenset(example.places)
        rounds.append((seen[places], len(rounds), example))
        seen[places] += 1
    return [example for _, _, example in sorted(rounds, key=itemgetter(0, 1))]


def _combinations(choices: Sequence[list[tuple[int, str]]], cost: int) -> Iterator[tuple[str, ...]]:
    """One choice for each place, at this cost altogether."""
    if not choices:
        if cost == 0:
            yield ()
        return
    for one, path in choices[0]:
        if one <= cost:
            yield from ((path, *rest) for rest in _combinations(choices[1:], cost - one))
