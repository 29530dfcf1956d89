"""Modules of the user's that import removed modules."""

import pytest

from copperplate.update.imports import module_of, users_of

GONE = ["src/shop/items/__init__.py", "src/shop/items/models.py", "tests/items/helpers.py"]


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("src/shop/items/models.py", "shop.items.models"),
        ("src/shop/items/__init__.py", "shop.items"),
        ("tests/test_a.py", "tests.test_a"),
        ("README.md", None),
        ("src/__init__.py", None),
    ],
)
def test_a_module_has_its_import_name(path: str, module: str | None) -> None:
    assert module_of(path) == module


@pytest.mark.parametrize(
    ("path", "code", "found"),
    [
        ("src/shop/own.py", "from shop.items.models import Item", GONE[:2]),
        ("src/shop/own.py", "from .items import models", GONE[:2]),
        ("src/shop/deep/own.py", "from ..items.models import Item", GONE[:2]),
        ("src/shop/deep/__init__.py", "from ..items import x", GONE[:1]),
        ("src/shop/own.py", "import shop.items.models as m", GONE[:2]),
        ("src/shop/own.py", "def f():\n    import shop.items", GONE[:1]),
        ("src/shop/__init__.py", "from . import items", GONE[:1]),
        ("tests/test_own.py", "from tests.items.helpers import x", GONE[2:]),
        ("src/shop/own.py", "import shop.itemsets\nfrom .itemsets import x", []),
        ("src/shop/own.py", "text = 'import shop.items'", []),
        ("src/shop/own.py", "import shop.items (", []),
        ("src/shop/own.py", "import x\nfrom .... import items", []),
        ("src/shop/own.py", "import shop.items  # see (", GONE[:1]),
        ("src/shop/own.py", "import shop.app, \\\r\n shop.items\r\n", GONE[:1]),
        ("notes.txt", "import shop.items", []),
        # of a Python that is newer than any
        ("src/shop/own.py", "newer syntax here\nfrom shop.items.models import Item", GONE[:2]),
        ("src/shop/own.py", "newer syntax here\nfrom . import (\n    app,\n    items,\n)\nx = 1", GONE[:1]),
        ("src/shop/own.py", "newer syntax here\ndef f():\n    import shop.app, \\\n shop.items", GONE[:1]),
        ("src/shop/own.py", "newer syntax here\r\nimport shop.app, \\\r\n shop.items  # see (\r\n", GONE[:1]),
        ("src/shop/own.py", "newer syntax here\nimport nothing shop.items\nfrom ( import shop.items", []),
    ],
)
def test_imports_of_every_form_are_found(path: str, code: str, found: list[str]) -> None:
    assert sorted(users_of(GONE, ["src/shop/app.py"], {path: code.encode()})) == found


def test_a_module_that_became_a_package_still_exists() -> None:
    remaining = ["src/shop/items/__init__.py"]
    assert users_of(["src/shop/items.py"], remaining, {"src/shop/own.py": b"from . import items\n"}) == {}
