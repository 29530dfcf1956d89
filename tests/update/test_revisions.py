"""Database revisions in updates: those of the template find their place among those of the project.

That the databases agree is seen on a PostgreSQL, in `tests/projects/test_revisions.py`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import resume
from copperplate.errors.updates import ManyHeadsError, RenamedWithRevisionsError
from copperplate.migrations import script as chain
from copperplate.progress import Silent
from copperplate.update.result import Options, State
from testing.errors import with_fields
from testing.worlds import World
from tests.update.test_options import FILES

VERSIONS = "src/shop/migrations/versions"
RENDERED = "src/{{ package_name }}/migrations/versions"
SCRIPT = '''"""{table}."""

import sqlalchemy as sa
from alembic import op

revision: str = "{revision}"
down_revision: str | None = {parent}


def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.Integer()))


def downgrade() -> None:
    op.drop_table("{table}")
'''


def script(table: str, revision: str, parent: str | None) -> str:
    return SCRIPT.format(table=table, revision=revision, parent=f'"{parent}"' if parent else None)


def revision_of_extra(world: World) -> str:
    """The questions, with a revision that belongs to `extra`."""
    questions = world.versions["1.0"].files["copier.yml"].content.decode()
    owned = "\"{{ 'src/*/migrations/versions/*_items.py' if not extra }}\""
    return re.sub(r"_exclude: \[(.*)\]", rf"_exclude: [\1, {owned}]", questions)


@pytest.fixture
def shop(world: World) -> World:
    return printed_shop(world)


def printed_shop(world: World) -> World:
    """A template whose second version brings a table, and whose `extra` has one too; a project with one of its own."""
    world.release("1.0", FILES)
    one = {
        **FILES,
        "pyproject.toml": "[project]\n",
        f"{RENDERED}/0001_initial.py": script("users", "0001", None),
        f"{RENDERED}/0002_items.py": script("items", "0002", "0001"),
    }
    questions = revision_of_extra(world)
    world.release("1.0", one, **{"copier.yml": questions})
    world.release(
        "2.0", {**one, f"{RENDERED}/0003_tags.py": script("tags", "0003", "0001")}, **{"copier.yml": questions}
    )
    world.print("1.0")
    world.write(f"{VERSIONS}/orders.py", script("orders", "0003", "0001"))
    world.commit()
    return world


def order(world: World) -> list[str]:
    """The titles of all revisions, one after the other: there is one head."""
    scripts = chain.read_all(world.project, "shop")
    chain.head(scripts)
    return [each.summary.rstrip(".") for each in chain.ordered(scripts)]


def test_a_revision_of_a_new_version_follows_those_of_the_project(shop: World) -> None:
    own = shop.read(f"{VERSIONS}/orders.py")
    result = shop.update()
    assert result.state is State.LANDED
    assert order(shop) == ["users", "orders", "tags"]
    (change,) = result.report.revisions
    assert (change.path, change.after) == (f"{VERSIONS}/0003_tags.py", "0003")
    assert change.revision != "0003"
    assert "the project has a 0003 of its own" in change.note
    assert shop.read(f"{VERSIONS}/orders.py") == own
    assert shop.status() == ""


def test_a_dry_run_shows_the_final_revision(shop: World) -> None:
    preview = shop.update(dry_run=True)
    assert preview.report.revisions == shop.update().report.revisions
    assert f'+revision: str = "{preview.report.revisions[0].revision}"' in preview.patch
    assert '+down_revision: str | None = "0003"' in preview.patch


def test_a_feature_leaves_revisions_that_drop_and_recreate_its_table(shop: World) -> None:
    shop.update(stay=True, on=("extra",))
    assert order(shop) == ["users", "orders", "items"]
    (dropped,) = shop.update(stay=True, off=("extra",)).report.revisions
    assert dropped.destroys
    assert order(shop)[3:] == ["Drop what revision 0002 made, with all its rows: its feature was removed"]
    shop.update(stay=True, on=("extra",))
    assert order(shop)[4:] == ["Make again what revision 0002 made: its feature was added again"]
    assert shop.status() == ""


@pytest.mark.parametrize("name", ["2026_items.py", "things.py"])
def test_a_renamed_revision_is_dropped_and_recreated_with_its_feature(shop: World, name: str) -> None:
    shop.update(stay=True, on=("extra",))
    shop.git("mv", f"{VERSIONS}/0002_items.py", f"{VERSIONS}/{name}")
    shop.commit()
    (dropped,) = shop.update(stay=True, off=("extra",)).report.revisions
    assert dropped.path == f"{VERSIONS}/{Path(name).stem}_dropped.py"
    (again,) = shop.update(stay=True, on=("extra",)).report.revisions
    assert again.path == f"{VERSIONS}/{Path(name).stem}_again.py"
    assert not (shop.project / VERSIONS / "0002_items.py").exists()
    assert len(order(shop)) == 5


def test_a_new_revision_is_put_into_the_projects_folder(shop: World) -> None:
    shop.git("mv", "src/shop/migrations", "database")
    shop.write("pyproject.toml", '[project]\n[tool.alembic]\nscript_location = "%(here)s/database"\n')
    shop.commit()
    result = shop.update()
    assert [change.path for change in result.report.revisions] == ["database/versions/0003_tags.py"]
    assert order(shop) == ["users", "orders", "tags"]
    assert not (shop.project / "src" / "shop" / "migrations").exists()


@pytest.mark.parametrize(
    ("place", "settings"),
    [
        ("database", 'script_location = "%(here)s/database"'),
        ("src/shop/alembic", 'script_location = "src/shop/alembic"'),
        ("src/shop/alembic", 'script_location = "shop:alembic"'),
        ("db", 'script_location = "env"\nversion_locations = ["%(here)s/db/versions"]'),
        ("src/store/migrations", ""),
        ("deep/down/below", ""),
    ],
)
def test_a_new_revision_is_put_into_the_projects_folder_although_its_settings_conflict(
    shop: World, place: str, settings: str
) -> None:
    files = {path.removeprefix("template/"): file.content for path, file in shop.versions["2.0"].files.items()}
    questions = files.pop("copier.yml")
    files["pyproject.toml"] = b'[project]\nname = "theirs"\n'
    shop.release("2.0", files, **{"copier.yml": questions})
    (shop.project / place).parent.mkdir(parents=True, exist_ok=True)
    shop.git("mv", "src/shop/migrations", place)
    shop.write("pyproject.toml", f'[project]\nname = "ours"\n[tool.alembic]\n{settings}\n')
    shop.commit()
    result = shop.update()
    assert [found.path for found in result.report.conflicts] == ["pyproject.toml"]
    (change,) = result.report.revisions
    assert (change.path, change.after) == (f"{place}/versions/0003_tags.py", "0003")
    assert f'down_revision: str | None = "{change.after}"' in shop.read(change.path)
    assert not (shop.project / "src" / "shop" / "migrations").exists()


def test_a_new_revision_is_a_conflict_if_the_projects_folder_is_outside_the_project(
    make_world: Callable[..., World],
) -> None:
    shop = printed_shop(make_world("services/shop"))
    shop.git("mv", f"services/shop/{VERSIONS}", "versions")
    shop.write("pyproject.toml", '[tool.alembic]\nversion_locations = ["%(here)s/../../versions"]\n')
    shop.commit()
    result = shop.update()
    assert [(found.path, found.kind) for found in result.report.conflicts] == [
        (f"{VERSIONS}/0003_tags.py", "database revision")
    ]
    shop.write("../../versions/0003_tags.py", shop.read(f"{VERSIONS}/0003_tags.py"))
    shop.git("add", "versions")
    shop.git("rm", "--quiet", f"services/shop/{VERSIONS}/0003_tags.py")
    assert resume(shop.project, options=Options(verify=False), progress=Silent()).state is State.LANDED
    assert shop.status() == "A  versions/0003_tags.py", "it is no file of the project, so the user commits it"


def test_two_heads_of_the_project_are_refused(shop: World) -> None:
    shop.write(f"{VERSIONS}/other.py", script("other", "b1", "0001"))
    shop.commit()
    with pytest.raises(ManyHeadsError, check=with_fields(heads=["0003", "b1"])) as refused:
        shop.update()
    assert "alembic merge heads" in refused.value.hint
    assert shop.status() == ""


def test_a_package_is_not_renamed_together_with_a_new_revision(shop: World) -> None:
    with pytest.raises(RenamedWithRevisionsError, check=with_fields(file="0003_tags.py")) as refused:
        shop.update(data=("package_name=store",))
    assert "set package_name=store` first" in refused.value.hint
    assert shop.status() == ""
    shop.git("rm", "--quiet", f"{VERSIONS}/orders.py")
    shop.commit()
    assert shop.update(stay=True, data=("package_name=store",)).state is State.LANDED
    assert shop.update().state is State.LANDED
    assert (shop.project / "src" / "store" / "migrations" / "versions" / "0003_tags.py").exists()
