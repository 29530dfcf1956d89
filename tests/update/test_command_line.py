"""The verbs as they are typed."""

import json
import os
from collections.abc import Callable

import pytest

from copperplate.templates import bundled
from testing.cli import Ran
from testing.worlds import World, numbered

Run = Callable[..., Ran]


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project, and a tool that carries this template."""
    feature = {"src/{{ package_name }}/extra/__init__.py": "", "src/{{ package_name }}/__init__.py": ""}
    world.release("1.0", {**feature, "a.txt": numbered(9), "b.txt": "1\n"})
    notes = "## Breaking\n- All is new.\n\n## By hand\n- Look.\n"
    world.release("2.0", {**feature, "a.txt": numbered(9, l4="theirs"), "b.txt": "2\n"}, **{"notes__2.0.md": notes})
    world.print("1.0")
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    monkeypatch.chdir(world.project)
    return world


def test_an_update_reports_each_file_and_the_next_commands(copperplate: Run, shop: World) -> None:
    ran = copperplate("update", "--no-verify")
    assert ran.code == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "updated:",
        "  .copier-answers.yml",
        "  a.txt",
        "  b.txt",
        "breaking in 2.0:",
        "  All is new.",
        "to do by hand for 2.0:",
        "  Look.",
        "",
        f"Update template from 1.0 to 2.0: committed as {shop.git('rev-parse', 'HEAD')[:10]}.",
        "  git show --stat",
    ]
    assert [line.split()[1] for line in ran.stderr.splitlines()] == ["Render", "Merge", "Apply"]
    again = copperplate("update")
    assert (again.code, again.stdout) == (0, f"Nothing to do: {shop.project} is at template 2.0.\n")


def test_a_dry_run_shows_the_patch(copperplate: Run, shop: World) -> None:
    ran = copperplate("update", "--dry-run")
    assert ran.code == 0
    assert "\n+theirs\n" in ran.stdout
    assert "nothing has been written" in ran.stdout
    assert shop.status() == ""


def test_conflicts_end_with_exit_code_4_and_can_be_continued_or_aborted(copperplate: Run, shop: World) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    ran = copperplate("update", "--no-verify")
    assert ran.code == 4
    assert "  a.txt: contents" in ran.stdout.splitlines()
    assert "  copperplate update --continue" in ran.stdout.splitlines()
    refused = copperplate("update", "--continue")
    assert refused.code == 4
    assert refused.complaint[0] == "error: conflicts are left: a.txt"
    back = copperplate("update", "--abort", "--json")
    assert (back.code, json.loads(back.stdout)["kept"]) == (0, None)
    assert shop.status() == ""
    assert copperplate("update", "--no-verify").code == 4
    shop.write("a.txt", numbered(9, l4="both"))
    shop.git("add", "a.txt")
    assert copperplate("update", "--continue", "--no-verify").code == 0
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
    nothing = copperplate("update", "--abort")
    assert nothing.code == 3
    assert nothing.complaint[0].endswith(f"no update is in progress in {shop.project}")


def test_each_conflict_has_the_name_of_the_guide(copperplate: Run, shop: World) -> None:
    copperplate("add", "extra", "--no-verify")
    shop.write("src/shop/extra/service.py", "mine = 1\n")
    shop.write("src/shop/extra/deep.py", "from .service import mine\n")
    shop.write("src/shop/own.py", "from . import extra\n")
    shop.write("src/shop/extra/__init__.py", "edited = 1\n")
    shop.commit()
    told = copperplate("remove", "extra", "--dry-run").stdout.splitlines()
    deleted = "the template has deleted or moved it, and you have changed it"
    assert f"  src/shop/extra/__init__.py: modify/delete: {deleted}" in told
    shop.git("checkout", "--quiet", "HEAD~1", "src/shop/extra/__init__.py")
    shop.commit()
    told = copperplate("remove", "extra", "--dry-run").stdout.splitlines()
    users = "src/shop/extra/deep.py, src/shop/own.py"
    assert f"  src/shop/extra/__init__.py: imported: the template no longer has it; used by {users}" in told


def test_while_there_are_conflicts_status_and_every_refusal_name_the_update(copperplate: Run, shop: World) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    copperplate("update", "--no-verify")
    status = copperplate("status")
    assert status.code == 1
    assert "In progress: Update template from 1.0 to 2.0." in status.stdout.splitlines()
    assert status.stdout.splitlines()[-2:] == ["  copperplate update --continue", "  copperplate update --abort"]
    assert json.loads(copperplate("status", "--json").stdout)["unfinished"] == "Update template from 1.0 to 2.0"
    refused = copperplate("add", "extra")
    assert refused.code == 3
    assert refused.complaint[0].endswith(f"{shop.project} is in progress: Update template from 1.0 to 2.0")
    copperplate("update", "--abort")
    assert json.loads(copperplate("status", "--json").stdout)["unfinished"] is None


def test_if_the_checks_fail_continue_shows_the_next_step_and_the_unstaged_files(copperplate: Run, shop: World) -> None:
    shop.write("own.txt", "own\n")
    shop.write("same.txt", "same\n")
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    copperplate("update", "--no-verify")
    shop.write("a.txt", numbered(9, l4="both"))
    shop.git("add", "a.txt")
    os.utime(shop.write("same.txt", "same\n"), (1, 1))
    shop.write("own.txt", "mended, but not staged\n")
    ran = copperplate("update", "--continue")
    assert ran.code == 1
    assert ran.stdout.splitlines()[-5:] == [
        "Update template from 1.0 to 2.0: the project's own checks fail with it, so the update is not finished.",
        "Not staged, so not part of the update: own.txt",
        "  fix it, git add your changes, and run again: copperplate update --continue",
        "  copperplate update --abort   to cancel the update and restore every file",
        "  --keep-worktree keeps the checkout for you to look at; --no-verify applies the update anyway",
    ]


def test_json_is_one_document(copperplate: Run, shop: World) -> None:
    (shop.project / b"caf\xe9.txt".decode("utf-8", "surrogateescape")).write_text("x")
    document = json.loads(copperplate("update", "--no-verify", "--json").stdout)
    assert document["result"]["state"] == "landed"
    assert document["result"]["report"]["updated"][1] == {"path": "a.txt", "origin": None}
    assert document["result"]["report"]["notes"][0]["steps"] == ["Look."]
    assert document["next"] == ["git show --stat"]


def test_features_are_added_and_removed_and_answers_set(copperplate: Run, shop: World) -> None:
    head = shop.git("rev-parse", "HEAD^{tree}")
    for arguments, subject in [
        (("add", "extra"), "Add extra"),
        (("remove", "extra"), "Remove extra"),
        (("set", "license=Apache-2.0", "description=More"), "Set license to Apache-2.0 and description to More"),
        (("set", "license=MIT", "description=A shop"), "Set license to MIT and description to A shop"),
    ]:
        ran = copperplate(*arguments, "--no-verify", "--project", shop.project)
        assert ran.code == 0, ran.stderr
        assert shop.git("log", "-1", "--format=%s") == subject
    assert shop.git("rev-parse", "HEAD^{tree}") == head


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("remove", "extra"), "extra is not enabled: nothing to do."),
        (("set", "license=MIT"), "license is already MIT: nothing to do."),
        (("set", "extra=no", "author_name="), "extra is already false, author_name is already nothing: nothing to do."),
    ],
)
def test_a_request_without_effect_is_reported(
    copperplate: Run, shop: World, arguments: tuple[str, ...], reason: str
) -> None:
    ran = copperplate(*arguments)
    assert (ran.code, ran.stdout) == (0, f"{reason}\n")
    assert json.loads(copperplate(*arguments, "--json").stdout)["result"]["reason"] == reason
    assert shop.status() == ""


def test_adding_an_enabled_feature_names_the_verb_that_changes_it(copperplate: Run, shop: World) -> None:
    assert copperplate("add", "extra", "--no-verify").code == 0
    head = shop.git("rev-parse", "HEAD")
    ran = copperplate("add", "extra")
    assert (ran.code, ran.stdout) == (
        0,
        "extra is already enabled: nothing to do. To remove it: `copperplate remove extra`.\n",
    )
    assert shop.git("rev-parse", "HEAD") == head


def test_the_subject_names_only_what_changes_and_leaves_out_long_answers(copperplate: Run, shop: World) -> None:
    long = "a shop that sells a thousand things to a thousand people in a thousand towns"
    for arguments, subject in [
        (("set", "license=MIT", "python_version=3.13"), "Set python_version to 3.13"),
        (("set", f"description={long}"), "Set description"),
        (("set", "extra=yes"), "Set extra to true"),
        (("set", "author_name=Ada"), "Set author_name to Ada"),
        (("set", "author_name="), "Set author_name to nothing"),
    ]:
        assert copperplate(*arguments, "--no-verify").code == 0
        assert shop.git("log", "-1", "--format=%s") == subject


@pytest.mark.parametrize("verb", ["update", "add", "remove", "set"])
def test_every_verb_continues_and_aborts_an_update(copperplate: Run, shop: World, verb: str) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    assert copperplate("update", "--no-verify").code == 4
    assert copperplate(verb, "--continue").complaint[0] == "error: conflicts are left: a.txt"
    assert copperplate(verb, "--continue", "--abort").code == 2
    assert copperplate(verb, "--abort").code == 0
    assert shop.status() == ""
    assert copperplate("update", "--no-verify").code == 4
    shop.write("a.txt", numbered(9, l4="both"))
    shop.git("add", "a.txt")
    assert copperplate(verb, "--continue", "--no-verify").code == 0
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"


def test_an_update_from_another_folder_names_the_project(
    copperplate: Run, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Project:" not in copperplate("update", "--dry-run").stdout
    monkeypatch.chdir(shop.project / "src")
    assert copperplate("update", "--dry-run").stdout.splitlines()[0] == f"Project: {shop.project}"


def test_an_update_is_continued_and_aborted_from_a_folder_in_the_project(
    copperplate: Run, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.write("own/b.txt", "own\n")
    shop.commit()
    monkeypatch.chdir(shop.project / "own")
    assert copperplate("update", "--no-verify").code == 4
    assert copperplate("update", "--continue").code == 4
    assert copperplate("update", "--abort").code == 0
    assert shop.status() == ""


def test_with_conflicts_the_steps_and_the_result_agree(copperplate: Run, shop: World) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    ran = copperplate("update", "--no-verify")
    assert ran.stderr.splitlines()[-1].startswith("✓ Apply with conflicts ")
    assert "conflicts are left for you to resolve; nothing is committed yet." in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("remove",),
        ("set",),
        ("add", "extra", "--continue"),
        ("remove", "extra", "--abort"),
        ("set", "--abort", "--dry-run"),
        ("update", "--template", ".", "--continue"),
        ("add", "nonsense"),
        ("set", "license"),
        ("set", "license=Beer"),
        ("update", "--to", "7"),
        ("update", "--continue", "--abort"),
        ("update", "--abort", "--dry-run"),
        ("update", "--data", "nonsense=1"),
    ],
)
def test_wrong_usage_is_reported_in_two_lines(copperplate: Run, shop: World, arguments: tuple[str, ...]) -> None:
    ran = copperplate(*arguments)
    assert ran.code == 2
    assert [line[:6] for line in ran.complaint] == ["error:", "  hint"]
    assert shop.status() == ""


def test_a_folder_that_is_not_a_project_is_refused(copperplate: Run, shop: World) -> None:
    ran = copperplate("update", shop.top.parent)
    assert ran.code == 3
    assert "is not a project" in ran.complaint[0]
