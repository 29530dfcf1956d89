"""Command `copperplate resource`, in a project of the real template, without its checks."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from copperplate.templates import bundled, location
from testing import ROOT
from testing import history_stream as writing
from testing.cli import Ran
from testing.git import git

Run = Callable[..., Ran]
ORDERS = ("number:str:20:unique", "total:decimal:12,2:min=0", "customer:ref:customers:restrict")
BOTH = "orders: [number:str:20:unique, customer:ref:customers]\ncustomers:\n  fields:\n    label: str:80\n"


@pytest.fixture(scope="module")
def stream() -> bytes:
    return writing.appended(b"", "1.0.0", writing.working_tree(ROOT), epoch=0)


@pytest.fixture
def project(stream: bytes, copperplate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundled, "stream", lambda: stream)
    shop = tmp_path / "shop"
    assert copperplate("new", shop, "--defaults", "--no-install").code == ExitCode.DONE
    return shop


def state(project: Path) -> tuple[str, str]:
    """The commit, and all that git finds different from it."""
    return git("rev-parse", "HEAD", cwd=project), git("status", "--porcelain", "--ignored", cwd=project)


def test_a_resource_is_one_commit_with_its_feature_listed(copperplate: Run, project: Path) -> None:
    before = state(project)[0]
    copperplate("resource", "add", "customers", "label:str:80", "--no-verify", "--project", project)
    ran = copperplate("resource", "add", "orders", *ORDERS, "--no-verify", "--json", "--project", project)
    found = json.loads(ran.stdout)
    assert (found["state"], found["message"], state(project)) == ("added", "Add resource orders", (found["commit"], ""))
    assert git("log", "--format=%s", f"{before}..", cwd=project).splitlines() == [
        "Add resource orders",
        "Add resource customers",
    ]
    changed = git("show", "--format=", "--name-only", "HEAD", cwd=project).splitlines()
    assert sorted(changed) == sorted(found["files"])
    assert "(customers, orders)" in (project / "src/shop/project.py").read_text()
    heads = git("grep", "-h", "^down_revision\\|^revision", "--", "*_add_*.py", cwd=project).splitlines()
    (first, _), (_, second) = (sorted(heads[at : at + 2], reverse=True) for at in (0, 2))
    assert first.split("= ")[1] == second.split("= ")[1]


def test_several_resources_of_a_file_are_added_in_the_order_of_their_references(
    copperplate: Run, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.yml").write_text(BOTH)
    ran = copperplate("resource", "add", "--from", tmp_path / "shop.yml", "--no-verify", "--json", "--project", project)
    found = json.loads(ran.stdout)
    assert (found["resources"], found["message"]) == (["customers", "orders"], "Add resources customers and orders")
    listed = json.loads(copperplate("resource", "list", "--json", "--project", project).stdout)
    assert [each["name"] for each in listed] == ["customers", "orders"]
    shown = copperplate("resource", "show", "orders", "--project", project)
    assert "copperplate resource add orders number:str:20:unique customer:ref:customers" in shown.stdout


def test_a_dry_run_shows_the_patch_and_writes_nothing(copperplate: Run, project: Path) -> None:
    before = state(project)
    ran = copperplate("resource", "add", "customers", "label:str:80", "--dry-run", "--project", project)
    assert "+from .customers.feature import feature as customers" in ran.stdout
    assert state(project) == before


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("orders",), ExitCode.USAGE, "orders has no fields"),
        (("orders", *ORDERS), ExitCode.USAGE, "refers to 'customers', which is no resource"),
        (("items", "label:str"), ExitCode.USAGE, "has a module or a folder items already"),
        (("field_types", "label:str"), ExitCode.USAGE, "has a module or a folder field_types already"),
        (("caches", "label:str", "--table", "items"), ExitCode.USAGE, "a name that the code of every resource uses"),
        (("offers", "label:str", "--table", "items"), ExitCode.USAGE, "has a table items already"),
        ((), ExitCode.USAGE, "no resource is named"),
        (("offers", "label:str", "--scope", "owner"), ExitCode.USAGE, "this project has no accounts"),
        (("offers", "label:str", "--scope", "all"), ExitCode.USAGE, "the scope of offers is 'all'"),
        (("offers", "label:str", "--only", "list,delete"), ExitCode.USAGE, "an operation of offers is 'delete'"),
        (("offers", "label:str", "--only", "remove"), ExitCode.USAGE, "rows of offers could only be removed"),
        (("offers", "label:str", "--from", "x.yml"), ExitCode.USAGE, "--from has the names and fields already"),
        (("--from", "x.yml"), ExitCode.USAGE, "there is no file x.yml"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    copperplate: Run, project: Path, arguments: tuple[str, ...], code: ExitCode, what: str
) -> None:
    before = state(project)
    ran = copperplate("resource", "add", *arguments, "--no-verify", "--project", project)
    assert (ran.code, len(ran.complaint)) == (code, 2)
    assert what in ran.complaint[0]
    assert state(project) == before


def test_uncommitted_changes_in_the_list_of_features_are_in_the_way(copperplate: Run, project: Path) -> None:
    with (project / "src/shop/project.py").open("a") as file:
        file.write("# mine\n")
    before = state(project)
    ran = copperplate("resource", "add", "customers", "label:str", "--no-verify", "--project", project)
    assert (ran.code, "uncommitted changes are in the way: src/shop/project.py" in ran.stderr) == (
        ExitCode.REFUSED,
        True,
    )
    assert state(project) == before


def test_a_list_of_features_that_was_reshaped_is_refused_with_the_lines_to_add(copperplate: Run, project: Path) -> None:
    (project / "src/shop/project.py").write_text("from .feature import Feature\n\nFEATURES = tuple(list[Feature]())\n")
    git("commit", "-qam", "reshape", cwd=project)
    before = state(project)
    ran = copperplate("resource", "add", "customers", "label:str", "--no-verify", "--project", project)
    assert (
        ran.code,
        "add these lines by hand: `from .customers.feature import feature as customers`" in ran.stderr,
    ) == (ExitCode.REFUSED, True)
    assert state(project) == before


def test_in_a_project_with_accounts_rows_belong_to_users_unless_it_is_said_otherwise(
    copperplate: Run, tmp_path: Path, stream: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "stream", lambda: stream)
    shop = tmp_path / "shop"
    features = ("jobs", "mail", "auth=session")
    copperplate("new", shop, "--defaults", "--no-install", *(part for name in features for part in ("--with", name)))
    rest = ("--no-verify", "--json", "--project", shop)
    copperplate("resource", "add", "tags", "label:str", "--scope", "none", "--only", "list,read", *rest)
    copperplate("resource", "add", "customers", "label:str", "tags:refs:tags", *rest)
    before = state(shop)
    refused = copperplate("resource", "add", "offers", "who:ref:customers", "--scope", "none", *rest)
    assert (refused.code, "refers to customers, whose rows belong to users" in refused.stderr) == (ExitCode.USAGE, True)
    assert state(shop) == before
    listed = json.loads(copperplate("resource", "list", "--json", "--project", shop).stdout)
    assert [(each["name"], each["scope"], each["operations"]) for each in listed] == [
        ("customers", "owner", ["list", "read", "create", "change", "remove"]),
        ("tags", "none", ["list", "read"]),
    ]
    shown = copperplate("resource", "show", "tags", "--project", shop).stdout
    assert "copperplate resource add tags label:str --scope none --only list,read" in shown


def test_other_changes_of_the_user_stay_as_they_are(copperplate: Run, project: Path) -> None:
    (project / "README.md").write_text("mine\n")
    (project / "notes.txt").write_text("mine\n")
    copperplate("resource", "add", "customers", "label:str", "--no-verify", "--project", project)
    assert git("status", "--porcelain", cwd=project).split() == ["M", "README.md", "??", "notes.txt"]


def test_a_project_in_a_folder_of_its_repository_gets_it_there(copperplate: Run, project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".git")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
        git(*arguments, cwd=tmp_path)
    copperplate("resource", "add", "customers", "label:str", "--no-verify", "--project", project)
    assert (project / "src/shop/customers/models.py").is_file()
    assert git("status", "--porcelain", cwd=tmp_path) == ""


def test_a_template_without_resources_is_to_be_updated_first(
    copperplate: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {path: file for path, file in writing.working_tree(ROOT).items() if not path.startswith("resource/")}
    monkeypatch.setattr(bundled, "stream", lambda: writing.appended(b"", "1.0.0", old, epoch=0))
    ran = copperplate("resource", "add", "customers", "label:str", "--no-verify", "--project", project)
    assert (ran.code, "version 1.0.0 of the template does not know resources" in ran.stderr) == (ExitCode.REFUSED, True)


def test_every_question_of_a_project_is_hidden_where_a_resource_is_rendered() -> None:
    texts = [
        (ROOT / name).read_text() for name in location.template_files(ROOT) if name.endswith(".yml") and "/" not in name
    ]
    texts += [file.read_text() for file in (ROOT / "features").glob("*.yml")]
    questions = [part for text in texts for part in text.split("\n\n") if "\n  type: " in part]
    shown = [part for part in questions if 'when: "{{ not resource }}"' not in part and "when: false" not in part]
    assert [part.strip().splitlines()[0] for part in shown] == ["package_name:"]
