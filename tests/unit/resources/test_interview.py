from collections.abc import Sequence

import pytest

from copperplate.cli.prompts import Choice
from copperplate.cli.resource_interview import ResourceInterview
from copperplate.errors import Cancelled
from copperplate.resources import definitions
from copperplate.resources.definitions import Definition

from .strategies import TARGETS


class Typist:
    """A user who has the answers ready."""

    def __init__(self, *answers: str) -> None:
        self.left = list(answers)

    def text(self, message: str, *, default: str, example: str, typed: Sequence[str]) -> str:
        del message, example, typed
        return self.left.pop(0) or default

    def confirm(self, message: str, *, default: bool) -> bool:
        raise NotImplementedError

    def choose(self, message: str, choices: Sequence[Choice], *, default: str | None) -> str:
        del message, default
        answer = self.left.pop(0)
        assert answer in [value for _, value in choices]
        return answer


def asked(*answers: str) -> tuple[Definition, list[str]]:
    typist = Typist(*answers)
    interview = ResourceInterview(typist, TARGETS, lambda found: definitions.resolve([found], TARGETS))
    return interview.ask(), typist.left


def test_a_resource_is_asked_for_field_by_field() -> None:
    definition, left = asked(
        *("orders", "str", "number", "20", "unique", "decimal", "total", "", "min=0"),
        *("ref", "customer", "customers", "cascade", "null", "+done"),
    )
    fields = ("number:str:20:unique", "total:decimal:12/2:min=0", "customer:ref:customers:cascade:null")
    assert (definition, left) == (Definition("orders", fields), [])


def test_what_cannot_be_is_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    definition, left = asked("sheep", "orders", "int", "id", "", "stock", "unqiue", "stock", "unique", "+done")
    assert (definition, left) == (Definition("orders", ("stock:int:unique",)), [])
    said = capsys.readouterr().err
    assert "sheep does not look like a plural" in said
    assert "id cannot be the name of a field" in said
    assert "did you mean unique?" in said


def test_who_cancels_gets_nothing() -> None:
    with pytest.raises(Cancelled):
        asked("orders", "+cancel")
