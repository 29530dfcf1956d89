"""Command `copperplate resource remove`, in a project of the real template, without its checks."""

import json
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from testing.git import git

from .test_resource import Run, project, state, stream

__all__ = ["project", "stream"]


@pytest.fixture
def shop(copperplate: Run, project: Path) -> Path:
    for name, *fields in (("customers", "label:str:80"), ("orders", "number:str:20", "customer:ref:customers")):
        ran = copperplate("resource", "add", name, *fields, "--no-verify", "--project", project)
        assert ran.code == ExitCode.DONE, ran.stderr
    return project


def test_nothing_of_it_is_left_but_its_revisions(copperplate: Run, shop: Path) -> None:
    before = git("ls-tree", "-r", "HEAD~1", cwd=shop).splitlines()
    ran = copperplate("resource", "remove", "orders", "--no-verify", "--json", "--project", shop)
    found = json.loads(ran.stdout)["result"]
    assert (ran.code, found["message"], state(shop)[1]) == (ExitCode.DONE, "Remove resource orders", "")
    (revision,) = found["report"]["revisions"]
    assert revision["destroys"]
    after = [line for line in git("ls-tree", "-r", "HEAD", cwd=shop).splitlines() if "_add_orders" not in line]
    assert after == before
    dropping = (shop / revision["path"]).read_text()
    assert dropping.index("def upgrade") < dropping.index('drop_table("orders")') < dropping.index("def downgrade")


def test_the_types_of_fields_are_there_from_the_first_resource_to_the_last(copperplate: Run, shop: Path) -> None:
    types = "src/shop/field_types.py"
    assert types in git("show", "--format=", "--name-only", "HEAD~1", cwd=shop).splitlines()
    (shop / types).write_text("# mine\n" + (shop / types).read_text())
    git("commit", "-qam", "mine", cwd=shop)
    copperplate("resource", "remove", "orders", "--no-verify", "--project", shop)
    copperplate("resource", "add", "orders", "code:str:20", "--no-verify", "--project", shop)
    copperplate("resource", "remove", "orders", "--no-verify", "--project", shop)
    assert (shop / types).read_text().startswith("# mine\n")
    (shop / types).write_text((shop / types).read_text().removeprefix("# mine\n"))
    git("commit", "-qam", "not mine", cwd=shop)
    ran = copperplate("resource", "remove", "customers", "--no-verify", "--project", shop)
    assert (ran.code, (shop / types).exists()) == (ExitCode.DONE, False)


def test_it_can_be_added_and_removed_again_also_where_python_has_left_what_it_compiled(
    copperplate: Run, shop: Path
) -> None:
    for folder in ("src/shop/orders", "tests/orders"):
        (shop / folder / "__pycache__").mkdir()
        (shop / folder / "__pycache__/models.cpython-313.pyc").touch()
    copperplate("resource", "remove", "orders", "--no-verify", "--project", shop)
    again = copperplate("resource", "add", "orders", "code:str:20", "--no-verify", "--project", shop)
    assert again.code == ExitCode.DONE, again.stderr
    ran = copperplate("resource", "remove", "orders", "--no-verify", "--json", "--project", shop)
    (revision,) = json.loads(ran.stdout)["result"]["report"]["revisions"]
    assert '"code"' in (shop / revision["path"]).read_text()


def test_a_file_with_lines_of_the_user_is_left_as_a_conflict_and_abort_restores_all(
    copperplate: Run, shop: Path
) -> None:
    with (shop / "src/shop/orders/service.py").open("a") as file:
        file.write("\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=shop)
    before = state(shop)
    ran = copperplate("resource", "remove", "orders", "--no-verify", "--json", "--project", shop)
    conflicts = json.loads(ran.stdout)["result"]["report"]["conflicts"]
    assert ran.code == ExitCode.CONFLICTS
    assert "src/shop/orders/service.py" in {each["path"] for each in conflicts}
    assert "MINE = 1" in (shop / "src/shop/orders/service.py").read_text()
    assert copperplate("resource", "remove", "--abort", "--project", shop).code == ExitCode.DONE
    assert state(shop) == before


def test_a_module_that_other_code_imports_is_a_conflict_that_names_it(copperplate: Run, shop: Path) -> None:
    (shop / "src/shop/report.py").write_text("from .orders.models import Order\n\nREPORTED = Order\n")
    git("add", ".", cwd=shop)
    git("commit", "-qm", "report", cwd=shop)
    ran = copperplate("resource", "remove", "orders", "--no-verify", "--json", "--project", shop)
    conflicts = {each["path"]: each["detail"] for each in json.loads(ran.stdout)["result"]["report"]["conflicts"]}
    assert ran.code == ExitCode.CONFLICTS
    assert "used by src/shop/report.py" in conflicts["src/shop/orders/models.py"]
    (shop / "src/shop/report.py").unlink()
    git("add", "-A", cwd=shop)
    git("rm", "-qrf", "src/shop/orders", cwd=shop)
    done = copperplate("resource", "remove", "--continue", "--no-verify", "--project", shop)
    assert (done.code, state(shop)[1]) == (ExitCode.DONE, "")
    assert git("log", "-1", "--format=%s", cwd=shop) == "Remove resource orders"


def test_a_dry_run_shows_the_patch_and_writes_nothing(copperplate: Run, shop: Path) -> None:
    before = state(shop)
    ran = copperplate("resource", "remove", "orders", "--dry-run", "--project", shop)
    assert "-from .orders.feature import feature as orders" in ran.stdout
    assert state(shop) == before


@pytest.mark.parametrize(
    ("name", "code", "what"),
    [
        ("customers", ExitCode.REFUSED, "orders refers to customers"),
        ("order", ExitCode.USAGE, "the project has no resource 'order'"),
    ],
)
def test_what_cannot_be_removed_is_refused(copperplate: Run, shop: Path, name: str, code: ExitCode, what: str) -> None:
    before = state(shop)
    ran = copperplate("resource", "remove", name, "--no-verify", "--project", shop)
    assert (ran.code, what in ran.complaint[0], len(ran.complaint)) == (code, True, 2)
    assert state(shop) == before


def test_an_ejected_resource_keeps_its_files_and_is_not_listed(copperplate: Run, shop: Path) -> None:
    with (shop / "src/shop/orders/service.py").open("a") as file:
        file.write("\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=shop)
    assert "+MINE = 1" in copperplate("resource", "diff", "orders", "--project", shop).stdout
    before = git("ls-tree", "-r", "HEAD", cwd=shop).splitlines()
    ran = copperplate("resource", "eject", "orders", "--project", shop)
    assert ran.code == ExitCode.DONE, ran.stderr
    after = git("ls-tree", "-r", "HEAD", cwd=shop).splitlines()
    (gone,) = set(before) - set(after)
    assert (gone.rpartition("\t")[2], set(after) - set(before)) == (".copperplate/resources/orders.yml", set())
    assert copperplate("resource", "diff", "orders", "--project", shop).code == ExitCode.USAGE
