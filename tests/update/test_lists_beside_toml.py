"""Lists to which both the project and the template add: in Python modules, compose.yaml, .env.example, .gitignore."""

import subprocess
import sys
from pathlib import Path

import pytest

from testing.worlds import World, lines
from tests.update.test_lists import assert_conflict, assert_merged, changed, merge

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
