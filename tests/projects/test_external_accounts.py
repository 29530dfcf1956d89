"""Seeded faults in a project whose users have tokens of another provider: the isolation test finds each."""

from pathlib import Path

import pytest

from copperplate.questions.manifest import Value
from testing.matrix.slots import Slot
from tests.projects.faults import applied
from tests.projects.faults.edits import Edit, replaced

from .running import tool

pytestmark = pytest.mark.long

ANSWERS: dict[str, Value] = {"auth": "external"}
REPOSITORY = "src/shop/items/repository.py"
IDENTITIES = "src/shop/identities"
FORGOTTEN = {
    "GET /items/{item_id}: 200 for an identifier that is another user's": replaced(
        REPOSITORY, 'bindparam("id"), owned(Item)', 'bindparam("id")'
    ),
    "GET /items: shows that another user has made something": replaced(
        REPOSITORY, ".where(owned(Item), *(FILTERS[name]", ".where(*(FILTERS[name]"
    ),
    "DELETE /items/{item_id}: 204 for an identifier that is another user's": replaced(
        REPOSITORY, "session.get_owned(Item, item_id, for_update=True)", "session.get(Item, item_id)"
    ),
    "GET /items/summary: shows that another user has made something": replaced(
        "src/shop/db/ownership.py", 'return str(owner) if owner else "all"', 'return str(owner)[:0] or "all"'
    ),
    "GET /items: 200 for a user who has logged out": replaced(
        f"{IDENTITIES}/method.py", '    if found["ended_at"] and token', '    if found["disabled_at"] and token'
    ),
}
"""Queries that forget their owner, a cached value of everybody's, and a token that is good for ever."""

ONE_FOR_ALL = {
    "GET /items: shows that another user has made something": replaced(
        f"{IDENTITIES}/repository.py", 'Identity.subject == bindparam("subject")', 'bindparam("subject") != ""'
    )
}
"""The account of whoever came first, for all tokens of the issuer."""


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    return slot.installed_project("row-3.12", ANSWERS, "3.12")


@pytest.mark.parametrize("faults", [FORGOTTEN, ONE_FOR_ALL], ids=["forgotten", "one-for-all"])
def test_the_isolation_test_finds_what_forgets_whose_token_it_has(project: Path, faults: dict[str, Edit]) -> None:
    with applied(project, faults.values()), pytest.raises(AssertionError) as failure:
        tool(project, "pytest", "-q", "tests/test_isolation.py")
    assert [line for line in faults if line not in str(failure.value)] == []
