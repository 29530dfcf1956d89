"""The example `items` beside a rendered resource of the same fields: alike, apart from the differences named here."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment

from copperplate.resources import checks, grammar
from copperplate.resources.specification import Scope
from testing import ROOT

from .test_rendering import engine, render

__all__ = ["engine"]

FIELDS = (
    "name:str:200:unique",
    "price:decimal:12/2:min=0:index",
    "description:text:null",
    "status:enum:draft/active/archived:default=draft:index",
)
ONLY_IN_ITEMS = {
    # Categories, which are rows of everybody, and a cached summary.
    "errors.py": {"ItemCategoryInUse", "ItemCategoryMissing", "ItemCategoryNotFound"},
    "models.py": {"ItemCategory"},
    "repository.py": {
        "CATEGORIES",
        "FIGURES",
        "SUMMARY",
        "add_category",
        "find_categories",
        "remove_category",
        "summarise",
    },
    "router.py": {"add_item_category", "categories", "list_item_categories", "remove_item_category", "summarise_items"},
    "service.py": {"SUMMARY", "summarise"},
    # A resource takes its types from `field_types.py`, which comes with the first resource.
    "schemas.py": {"AMOUNT", "CategoryName", "ItemSummary", "_amount"},
}
ONLY_RENDERED = {
    "router.py": {"LOCATION"},  # on a line of its own
}
WRITTEN_OTHERWISE = {
    "feature.py": {"feature"},  # the routes of categories
    "models.py": {"Item"},  # has a category, and indexes that older revisions made
    "repository.py": {"COLUMNS", "FILTERS", "_page", "save"},  # the category; an error with its value
    "router.py": {"CREATED", "change_item", "create_item", "remove_item"},  # the cache of the summary
    "schemas.py": {
        "ItemChange",
        "ItemCreate",
        "ItemPrice",
        "ItemQuery",
        "ItemRead",
    },  # the category, the type of the price
    "service.py": {"change", "create", "get_page", "remove"},  # the cache of the summary
}
ONLY_WITHOUT_ACCOUNTS = {"repository.py": {"BY_ID", "find_for_change"}}
"""A resource without owners does not look for one; `items` is written for both."""


@pytest.mark.parametrize(
    ("scope", "auth", "tenancy"),
    [(None, "none", "none"), (Scope.OWNER, "session", "none"), (Scope.ORGANISATION, "session", "organisation")],
)
def test_the_example_is_a_resource_apart_from_named_differences(
    engine: Environment,
    tmp_path: Path,
    scope: Scope | None,
    auth: str,
    tenancy: str,
) -> None:
    resource = replace(checks.named("things"), scope=scope)
    resource = checks.with_fields(resource, [grammar.parse(field) for field in FIELDS], {})
    rendered = {file.name: file.read_text() for file in render(engine, resource, tmp_path) if file.parts[-3] == "shop"}
    folder = ROOT / "template/src/{{ package_name }}/items"
    items = {
        file.name.removesuffix(".jinja"): engine.from_string(file.read_text()).render(
            auth=auth, tenancy=tenancy, jobs=False
        )
        for file in folder.glob("*.py*")
        if file.name != "jobs.py"
    }
    for name, text in items.items():
        mine, its = parts(as_items(rendered[name])), parts(text)
        differ = {part for part in mine.keys() & its.keys() if mine[part] != its[part]}
        more = set() if auth == "session" else ONLY_WITHOUT_ACCOUNTS.get(name, set())
        assert its.keys() - mine.keys() == ONLY_IN_ITEMS.get(name, set()), name
        assert mine.keys() - its.keys() == ONLY_RENDERED.get(name, set()), name
        assert differ == WRITTEN_OTHERWISE.get(name, set()) | more, name


def as_items(source: str) -> str:
    for mine, its in (("things", "items"), ("thing", "item"), ("Thing", "Item")):
        source = source.replace(mine, its)
    return source


def parts(source: str) -> dict[str, str]:
    """The functions, classes and constants of a module without their docstrings, as Python writes them."""
    found = {}
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                name = node.name
            case ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case _:
                continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(inner):
                inner.body = inner.body[1:] or [ast.Pass()]
        found[name] = ast.unparse(node)
    return found
