"""Features and other answers of a living project."""

import pytest

from copperplate.errors import ExitCode, InputError
from copperplate.errors.inputs import (
    AnswerError,
    ContradictionError,
    NeedError,
    OutdatedAnswerError,
    PairError,
    UnknownFeatureError,
    UnknownQuestionError,
)
from copperplate.update.result import State
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import QUESTIONS, World

FILES = {
    "src/{{ package_name }}/__init__.py": "",
    "src/{{ package_name }}/app.py.jinja": "import os\n# <% if extra %>\nfrom . import extra\n# <% endif %>\nx = os\n",
    "src/{{ package_name }}/extra/__init__.py": "",
    "src/{{ package_name }}/extra/service.py": "".join(f"line_{number} = {number}\n" for number in range(9)),
    "LICENSE.jinja": "{{ license }}\n",
}


@pytest.fixture
def shop(world: World) -> World:
    world.release("1.0", FILES)
    world.release("2.0", {**FILES, "later.txt": "not now\n"})
    world.print("1.0")
    return world


def test_a_feature_is_added_at_the_projects_own_version(shop: World) -> None:
    result = shop.update(stay=True, on=("extra",))
    assert result.state is State.LANDED
    assert (result.before, result.after) == ("1.0", "1.0")
    assert "from . import extra" in shop.read("src/shop/app.py")
    assert shop.read("src/shop/extra/service.py").startswith("line_0")
    assert not (shop.project / "later.txt").exists()
    assert shop.git("log", "-1", "--format=%s") == "Add extra"
    assert "extra: true" in shop.read(".copier-answers.yml")


def test_after_add_and_remove_the_project_is_the_same(shop: World) -> None:
    shop.write("src/shop/own.py", "own = 1\n")
    shop.commit()
    before = snapshot(shop.project)
    shop.update(stay=True, on=("extra",))
    assert shop.update(stay=True, off=("extra",)).state is State.LANDED
    assert snapshot(shop.project) == before


def test_adding_an_enabled_feature_changes_nothing(shop: World) -> None:
    assert shop.update(stay=True, off=("extra",)).state is State.UNCHANGED
    assert shop.update(stay=True, data=("license=MIT",)).state is State.UNCHANGED


def test_a_feature_that_is_on_with_another_value_stays_unchanged(world: World) -> None:
    choice = "---\nci: {type: str, default: github, choices: [github, gitlab, none], help: CI}\n"
    world.release("1.0", FILES, **{"copier.yml": f"{QUESTIONS}{choice}_feature: {{title: CI, adds: a job}}\n"})
    world.print("1.0", ci="gitlab")
    assert world.update(stay=True, on=("ci",)).state is State.UNCHANGED


def test_a_feature_is_added_and_removed_with_the_one_that_it_needs(world: World) -> None:
    needy = "---\nmore: {type: bool, default: false, help: More}\n_feature: {title: More, adds: more, needs: [extra]}\n"
    world.release("1.0", FILES, **{"copier.yml": f"{QUESTIONS}{needy}"})
    world.print("1.0")
    with pytest.raises(NeedError, check=with_fields(feature="more", needed="extra")) as refused:
        world.update(stay=True, on=("more",))
    assert refused.value.hint == "add both: copperplate add extra more"
    assert world.update(stay=True, on=("more", "extra")).state is State.LANDED
    with pytest.raises(NeedError, check=with_fields(feature="more", needed="extra")) as refused:
        world.update(stay=True, off=("extra",))
    assert refused.value.hint == "remove both: copperplate remove extra more"
    assert world.update(stay=True, off=("extra", "more")).state is State.LANDED


def test_several_answers_are_changed_at_once(shop: World) -> None:
    result = shop.update(stay=True, on=("extra",), data=("license=Apache-2.0", "description=It's more"))
    assert result.message == "Add extra, set license to Apache-2.0 and description to It's more"
    assert shop.read("LICENSE") == "Apache-2.0\n"


@pytest.mark.parametrize(
    ("asked", "kind", "fields"),
    [
        ({"on": ("nonsense",)}, UnknownFeatureError, {"name": "nonsense"}),
        ({"data": ("license=Beer",)}, AnswerError, {"question": "license", "value": "Beer"}),
        ({"data": ("license",)}, PairError, {"pair": "license", "is_repeated": False}),
        ({"data": ("package_name=../x",)}, AnswerError, {"question": "package_name", "value": "../x"}),
        ({"data": ("nonsense=1",)}, UnknownQuestionError, {"name": "nonsense"}),
        ({"on": ("extra",), "off": ("extra",)}, ContradictionError, {"names": ["extra"]}),
    ],
)
def test_bad_input_is_refused_in_two_lines(
    shop: World, asked: dict[str, tuple[str, ...]], kind: type[InputError], fields: dict[str, object]
) -> None:
    with pytest.raises(kind, check=with_fields(**fields)) as refused:
        shop.update(stay=True, **asked)
    assert refused.value.exit_code == ExitCode.USAGE
    assert shop.status() == ""


def test_removing_a_feature_that_the_user_edited_is_a_conflict(shop: World) -> None:
    shop.update(stay=True, on=("extra",))
    shop.write("src/shop/extra/service.py", shop.read("src/shop/extra/service.py") + "mine = 1\n")
    shop.commit()
    result = shop.update(stay=True, off=("extra",))
    assert [(found.path, found.kind) for found in result.report.conflicts] == [
        ("src/shop/extra/service.py", "modify/delete")
    ]
    assert "mine = 1" in shop.read("src/shop/extra/service.py")


def test_removing_a_feature_that_other_code_imports_is_a_conflict(shop: World) -> None:
    shop.update(stay=True, on=("extra",))
    shop.write("src/shop/own.py", "from shop.extra.service import line_1\n")
    shop.commit()
    result = shop.update(stay=True, off=("extra",))
    assert [found.path for found in result.report.conflicts] == [
        "src/shop/extra/__init__.py",
        "src/shop/extra/service.py",
    ]
    assert shop.read("src/shop/extra/service.py").startswith("line_0")


def test_a_new_package_name_moves_files_of_the_template_and_reports_the_users_files(shop: World) -> None:
    shop.write("src/shop/own.py", "own = 1\n")
    shop.commit()
    result = shop.update(stay=True, data=("package_name=store",))
    assert shop.read("src/store/app.py").startswith("import os")
    assert [found.path for found in result.report.conflicts] == ["src/store/own.py"]
    assert shop.read("src/store/own.py") == "own = 1\n"


def test_new_options_of_a_version_are_reported_and_can_be_answered(world: World) -> None:
    world.release("1.0", FILES)
    more = (world.versions["1.0"].files["copier.yml"].content.decode()).replace(
        "---\nextra", "colour: {type: str, default: red, choices: [red, blue], help: Colour}\n---\nextra"
    )
    files = {**FILES, "colour.txt.jinja": "{{ colour }}\n"}
    notes = "# 2.0\n\n## Breaking\n\n- It is\n  blue now.\n\n## By hand\n\n- Paint it.\n"
    world.release("2.0", files, **{"copier.yml": more, "notes__2.0.md": notes, "notes__1.0.md": "## Breaking\n- old\n"})
    world.print("1.0")
    preview = world.update(dry_run=True)
    assert [(new.name, new.answer, new.help) for new in preview.report.new_options] == [("colour", "red", "Colour")]
    assert [(note.version, note.breaking, note.steps) for note in preview.report.notes] == [
        ("2.0", ("It is blue now.",), ("Paint it.",))
    ]
    world.update(data=("colour=blue",))
    assert world.read("colour.txt") == "blue\n"


def test_an_answer_that_the_new_version_refuses_must_be_given_again(world: World) -> None:
    world.release("1.0", FILES)
    copier = world.versions["1.0"].files["copier.yml"].content.decode()
    world.release("2.0", FILES, **{"copier.yml": copier.replace("choices: [MIT, Apache-2.0]", "choices: [MIT, BSD]")})
    world.print("1.0", license="Apache-2.0")
    with pytest.raises(OutdatedAnswerError) as refused:
        world.update()
    assert "--data" in refused.value.hint
    assert world.update(data=("license=BSD",)).state is State.LANDED
