"""Seeded faults in a project with organisations: the isolation test finds what forgets whose rows they are."""

import pytest

from copperplate.questions.manifest import Value
from testing.matrix.slots import Slot
from tests.projects.faults import applied
from tests.projects.faults.edits import replaced

from .running import tool

pytestmark = pytest.mark.long

ANSWERS: dict[str, Value] = {"jobs": True, "mail": True, "auth": "session", "tenancy": "organisation"}
BELOW = "/organisations/{organisation_id}"
ACCESS = "src/shop/organisations/access.py"
UNKNOWN = "    if user_id is None or role is None:\n"
FAULTS = (
    replaced("src/shop/items/repository.py", 'bindparam("id"), owned(Item)', 'bindparam("id")'),
    replaced("src/shop/items/repository.py", ".where(owned(Item), *(FILTERS[name]", ".where(*(FILTERS[name]"),
    replaced(ACCESS, "from . import repository\n", "from . import repository\n\nSEEN = {}\n"),
    replaced(ACCESS, UNKNOWN, f"    role = SEEN.setdefault((organisation_id, user_id), role) or role\n{UNKNOWN}"),
)
"""A row and a list of everybody's, and a membership that is remembered for ever."""

FOUND = (
    f"GET {BELOW}/items/{{item_id}}: 200 for an identifier that is another user's",
    f"GET {BELOW}/items: shows that another user has made something",
    f"GET {BELOW}/items: 200 for a former member of the organisation",
    "add its name to SHARED",
)


def test_the_isolation_test_finds_what_forgets_its_organisation(slot: Slot) -> None:
    project = slot.installed_project("row-3.12", ANSWERS, "3.12")
    with applied(project, FAULTS), pytest.raises(AssertionError) as failure:
        tool(project, "pytest", "-q", "tests/test_isolation.py")
    assert [line for line in FOUND if line not in str(failure.value)] == []
