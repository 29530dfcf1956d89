"""Resources of a project that gets accounts, or loses them, without its checks."""

import json
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from copperplate.resources import definitions
from copperplate.resources.specification import Scope
from testing.git import git

from .test_resource import BOTH, Run, project, state, stream

__all__ = ["project", "stream"]

ACCOUNTS = ("jobs", "mail", "auth=session")
UNCHECKED = ("--no-verify", "--no-lock")
GIVE_ORDERS = "copperplate resource change orders --scope owner --rows-to EMAIL"
GIVE_CUSTOMERS = "copperplate resource change customers --scope owner --rows-to EMAIL"
SHARED = {"orders": GIVE_ORDERS, "customers": GIVE_CUSTOMERS}
"""Orders refer to customers, so they get owners first."""


@pytest.fixture
def shop(copperplate: Run, project: Path, tmp_path: Path) -> Path:
    (tmp_path / "shop.yml").write_text(BOTH)
    added = copperplate("resource", "add", "--from", tmp_path / "shop.yml", "--no-verify", "--project", project)
    assert added.code == ExitCode.DONE, added.stderr
    return project


def scopes(project: Path) -> dict[str, Scope | None]:
    return {name: each.scope for name, each in definitions.load_recorded(project).items()}


def router(project: Path, name: str = "orders") -> Path:
    return project / f"src/shop/{name}/router.py"


def test_resources_from_before_the_accounts_belong_to_everybody_in_the_same_commit(
    copperplate: Run, shop: Path
) -> None:
    text = router(shop).read_text()
    router(shop).write_text(text + "\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=shop)
    before = state(shop)[0]
    ran = copperplate("add", *ACCOUNTS, *UNCHECKED, "--json", "--project", shop)
    assert ran.code == ExitCode.DONE, ran.stderr
    told = json.loads(ran.stdout)
    assert told["result"]["report"]["shared"] == SHARED
    assert list(told["result"]["report"]["shared"]) == list(SHARED)
    assert [each.partition("   ")[0] for each in told["next"] if "--scope" in each] == list(SHARED.values())
    assert scopes(shop) == {"customers": Scope.NONE, "orders": Scope.NONE}
    assert definitions.load_recorded(shop)["orders"].targets["customers"].scope is Scope.NONE
    guarded = router(shop).read_text()
    assert (guarded.count("require(Permission.MANAGE_SHARED_ROWS)"), guarded.endswith("MINE = 1\n")) == (3, True)
    assert git("rev-list", "--count", f"{before}..", cwd=shop).strip() == "1"
    assert state(shop)[1] == ""
    edited = json.loads(copperplate("status", "--json", "--project", shop).stdout)["edited_files"]
    assert [path for path in edited if "orders" in path or "customers" in path] == ["src/shop/orders/router.py"]


def test_a_dry_run_says_which_resources_become_everybodys_and_writes_nothing(copperplate: Run, shop: Path) -> None:
    before = state(shop)
    ran = copperplate("add", *ACCOUNTS, *UNCHECKED, "--dry-run", "--project", shop)
    assert "+  scope: none" in ran.stdout
    told = ran.stdout.split("rows of everybody: all users read them, and administrators change them:\n")[1]
    assert told.splitlines()[:2] == ["  orders", "  customers"]
    assert (state(shop), scopes(shop)) == (before, {"customers": None, "orders": None})


def test_what_is_continued_after_a_conflict_says_it_too(copperplate: Run, shop: Path) -> None:
    text = router(shop).read_text()
    mine = text.replace('RateLimit("600/minute"', 'RateLimit("9/minute"')
    router(shop).write_text(mine)
    git("commit", "-qam", "mine", cwd=shop)
    ran = copperplate("add", *ACCOUNTS, *UNCHECKED, "--json", "--project", shop)
    assert ran.code == ExitCode.CONFLICTS, ran.stdout
    assert json.loads(ran.stdout)["result"]["report"]["shared"] == SHARED
    git("checkout", "--theirs", "src/shop/orders/router.py", cwd=shop)
    settled = router(shop).read_text().replace('RateLimit("600/minute"', 'RateLimit("9/minute"')
    router(shop).write_text(settled)
    git("checkout", "HEAD", "--", ".copperplate/resources/customers.yml", cwd=shop)
    git("add", "-A", cwd=shop)
    done = copperplate("add", "--continue", *UNCHECKED, "--json", "--project", shop)
    assert done.code == ExitCode.DONE, done.stderr
    assert json.loads(done.stdout)["result"]["report"]["shared"] == {"orders": GIVE_ORDERS}
    assert "9/minute" in git("show", "HEAD:src/shop/orders/router.py", cwd=shop)
    assert scopes(shop) == {"customers": None, "orders": Scope.NONE}


def test_without_accounts_rows_of_everybody_have_no_scope_again(copperplate: Run, shop: Path) -> None:
    before = router(shop).read_text()
    copperplate("add", *ACCOUNTS, *UNCHECKED, "--project", shop)
    ran = copperplate("remove", "auth", *UNCHECKED, "--json", "--project", shop)
    assert ran.code == ExitCode.DONE, ran.stderr
    assert (router(shop).read_text(), scopes(shop)) == (before, {"customers": None, "orders": None})
    assert json.loads(ran.stdout)["result"]["report"]["shared"] == {}


def test_another_kind_of_login_leaves_scopes_as_they_are(copperplate: Run, shop: Path) -> None:
    copperplate("add", *ACCOUNTS, *UNCHECKED, "--project", shop)
    record = shop / ".copperplate/resources/orders.yml"
    before = record.read_text()
    ran = copperplate("set", "auth=external", *UNCHECKED, "--json", "--project", shop)
    assert ran.code == ExitCode.DONE, ran.stderr
    assert (json.loads(ran.stdout)["result"]["report"]["shared"], record.read_text()) == ({}, before)


@pytest.mark.parametrize(("whose", "back"), [("users", ("remove", "auth")), ("organisations", ("set", "tenancy=none"))])
def test_a_project_keeps_its_accounts_while_rows_have_owners(
    copperplate: Run, project: Path, tmp_path: Path, whose: str, back: tuple[str, str]
) -> None:
    organised = ("tenancy=organisation",) if whose == "organisations" else ()
    copperplate("add", *ACCOUNTS, *organised, *UNCHECKED, "--project", project)
    (tmp_path / "shop.yml").write_text(BOTH)
    copperplate("resource", "add", "--from", tmp_path / "shop.yml", "--no-verify", "--project", project)
    before = state(project)
    ran = copperplate(*back, *UNCHECKED, "--project", project)
    assert (ran.code, state(project)) == (ExitCode.REFUSED, before)
    assert f"rows of customers, orders belong to {whose}" in ran.stderr
    assert "copperplate resource change customers --scope none --lossy; then the same for orders" in ran.stderr


def test_a_resource_that_was_left_without_a_scope_can_be_given_one(copperplate: Run, shop: Path) -> None:
    answers = shop / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace('auth: "none"', 'auth: "session"'))
    git("commit", "-qam", "accounts of an earlier version", cwd=shop)
    ran = copperplate("resource", "change", "customers", "--scope", "none", "--no-verify", "--project", shop)
    assert ran.code == ExitCode.DONE, ran.stderr
    assert (scopes(shop), "require(" in router(shop, "customers").read_text()) == (
        {"customers": Scope.NONE, "orders": None},
        True,
    )


def test_without_accounts_no_resource_gets_owners(copperplate: Run, shop: Path) -> None:
    before = state(shop)
    for scope, code in (("none", ExitCode.DONE), ("owner", ExitCode.USAGE)):
        ran = copperplate("resource", "change", "orders", "--scope", scope, "--lossy", "--no-verify", "--project", shop)
        assert (ran.code, state(shop)) == (code, before)
