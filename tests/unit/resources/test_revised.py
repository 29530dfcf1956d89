"""Revised specifications: what changes, what is refused, and what existing rows get."""

from dataclasses import replace

import pytest

from copperplate.errors import InputError
from copperplate.resources import checks, grammar, revised
from copperplate.resources.definitions import Definition
from copperplate.resources.owners import ACCOUNTS, NOBODY, Owners
from copperplate.resources.revised import Wish
from copperplate.resources.specification import Operation, Resource, Scope

CUSTOMERS = checks.named("customers").target
TARGETS = {"customers": CUSTOMERS, "tags": checks.named("tags").target}
USER = "01a21ee5-0e26-72b1-901c-b7ed77403cef"
FIELDS = (
    "number:str:20:unique",
    "total:decimal:12/2:min=0",
    "status:enum:draft/paid:default=draft",
    "note:text:null",
    "stock:int",
    "customer:ref:customers",
    "labels:refs:tags",
)


@pytest.fixture
def orders() -> Resource:
    return checks.with_fields(checks.named("orders"), map(grammar.parse, FIELDS), TARGETS)


def fields_of(resource: Resource) -> list[str]:
    return [grammar.format_field(field) for field in resource.fields]


def test_fields_keep_their_place_and_new_ones_are_the_last(orders: Resource) -> None:
    wish = Wish(("discount:decimal:5/2:null", "stock:bigint"), ("note",), ("number:code", "customer:buyer"), lossy=True)
    found = revised.revise(orders, wish, TARGETS)
    assert fields_of(found.after) == [
        "code:str:20:unique",
        "total:decimal:12/2:min=0",
        "status:enum:draft/paid:default=draft",
        "stock:bigint",
        "buyer:ref:customers",
        "labels:refs:tags",
        "discount:decimal:5/2:null",
    ]
    assert found.renames == {"number": "code", "customer_id": "buyer_id"}
    assert found.loses == ("the values of note are dropped",)


def test_existing_rows_get_the_default_where_they_have_no_value(orders: Resource) -> None:
    wish = Wish(("note:text:default=it's", "paid:bool:default=false", "total:decimal:14/2:default=1.50"))
    assert revised.revise(orders, wish, TARGETS).fills == {"note": "'it''s'", "paid": "false"}


def test_rows_have_a_value_again_when_the_change_is_undone(orders: Resource) -> None:
    wish = Wish(("stock:int:null",), ("total", "status", "note"), lossy=True)
    assert revised.revise(orders, wish, TARGETS).returns == {"total": "0", "status": "'draft'", "stock": "0"}


@pytest.mark.parametrize(
    "field",
    [
        "number:str:30:unique",
        "number:str:20",
        "total:decimal:14/3:min=0",
        "total:decimal:12/2:null",
        "status:enum:draft/paid/void:default=draft",
        "stock:bigint",
        "stock:decimal:12/0",
        "note:text:9000:null",
        "extra:int:null",
        "extra:int:default=1",
        "extra:refs:tags",
    ],
)
def test_a_change_that_loses_nothing_needs_no_flag(orders: Resource, field: str) -> None:
    found = revised.revise(orders, Wish((field,)), TARGETS)
    assert (found.loses, found.unfilled) == ((), ())


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (Wish(drops=("note",)), "the values of note are dropped"),
        (Wish(("number:str:10:unique",)), "values of number may be too long for it"),
        (Wish(("total:decimal:12/1",)), "values of total may be too long for it"),
        (Wish(("total:int",)), "values of total may not fit the type int"),
        (Wish(("stock:decimal:5/0",)), "values of stock may not fit the type decimal"),
        (Wish(("status:enum:draft/sent:default=draft",)), "status has no value paid any more"),
        (Wish(("weight:int",)), "the field weight is required, and existing rows have no value for it"),
        (Wish(("note:text",)), "the field note is required, and existing rows have no value for it"),
    ],
)
def test_a_change_that_loses_values_is_refused_without_lossy(orders: Resource, wish: Wish, what: str) -> None:
    with pytest.raises(InputError) as refused:
        revised.revise(orders, wish, TARGETS)
    assert (refused.value.what, "--lossy" in refused.value.hint) == (what, True)
    allowed = Wish(wish.fields, wish.drops, wish.renames, lossy=True)
    found = revised.revise(orders, allowed, TARGETS)
    assert len(found.loses) + len(found.unfilled) == 1


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (Wish(), "no change is named"),
        (Wish(drops=("nota",)), "orders has no field 'nota'"),
        (Wish(renames=("number",)), "--rename 'number' does not name two fields"),
        (Wish(("number:str:40",), renames=("number:code",)), "number is renamed and changed at once"),
        (Wish(("note:str",), drops=("note",)), "note is dropped and given at once"),
        (Wish(renames=("number:total",)), "the fields total and total both need the name total"),
        (Wish(scope="organisation"), "rows of orders cannot belong to organisations: this project has none"),
        (Wish(only=("lst",)), "an operation of orders is 'lst'"),
        (Wish(("customer:ref:tags",)), "the ref customer cannot lead to tags: its values are ids of customers"),
        (Wish(("stock:str",)), "the int stock cannot become a str"),
        (Wish(("stock:int:list",)), "the int stock cannot become a list of int"),
        (Wish(("buyer:ref:people",)), "the ref buyer refers to 'people'"),
    ],
)
def test_what_cannot_be_changed_is_refused(orders: Resource, wish: Wish, what: str) -> None:
    with pytest.raises(InputError) as refused:
        revised.revise(orders, replace(wish, lossy=True), TARGETS)
    assert refused.value.what.startswith(what)


def test_a_renamed_enum_and_renamed_refs_have_their_names_in_postgresql(orders: Resource) -> None:
    found = revised.revise(orders, Wish(renames=("status:state", "labels:marks")), TARGETS)
    assert (found.renames, found.types) == ({"status": "state"}, {"order_status": "order_state"})
    (link,) = found.links
    assert (link.table, link.column) == (("order_labels", "order_marks"), ("label_id", "mark_id"))
    assert ("fk_order_labels_label_id_tags", "fk_order_marks_mark_id_tags") in link.constraints
    assert link.indexes == (("ix_order_labels_label_id", "ix_order_marks_mark_id"),)
    assert found.loses == ()


def test_another_scope_loses_owners_and_changes_what_refers_to_the_resource() -> None:
    customers = replace(checks.named("customers"), scope=Scope.NONE)
    customers = checks.with_fields(customers, [grammar.parse("name:str")], {})
    orders = checks.with_fields(
        replace(checks.named("orders"), scope=Scope.OWNER),
        [grammar.parse("customer:ref:customers")],
        {"customers": customers.target},
    )
    with pytest.raises(InputError, match="have no owner, so no user sees them"):
        revised.revise(customers, Wish(scope="owner"), {}, [orders])
    found = revised.revise(customers, Wish(scope="owner", lossy=True), {}, [orders])
    ((before, after),) = found.dependents
    assert (before, after.targets["customers"].scope) == (orders, Scope.OWNER)
    shared = replace(orders, scope=Scope.NONE)
    with pytest.raises(InputError, match="refers to customers, whose rows belong to users"):
        revised.revise(customers, Wish(scope="owner", lossy=True), {}, [shared])


def test_fewer_operations_lose_nothing(orders: Resource) -> None:
    found = revised.revise(orders, Wish(only=("read", "list")), TARGETS)
    assert (found.after.operations, found.loses) == ((Operation.LIST, Operation.READ), ())


def test_a_definition_is_the_whole_resource(orders: Resource) -> None:
    fields = (
        "code:str:20:unique",
        "total:decimal:14/2:min=0",
        "status:enum:draft/paid:default=draft",
        "paid:bool:null",
    )
    definition = Definition("orders", fields, singular="order", only=("list", "read"))
    wish = revised.wish_for(orders, definition, ["number:code"], lossy=True)
    assert wish.fields == ("total:decimal:14/2:min=0", "paid:bool:null")
    assert wish.drops == ("note", "stock", "customer", "labels")
    after = revised.revise(orders, wish, TARGETS).after
    assert fields_of(after) == list(fields)
    assert revised.revise(after, revised.wish_for(after, definition, [], lossy=False), TARGETS).after == after
    with pytest.raises(InputError, match="the table of orders is orders, and would be sales"):
        revised.wish_for(orders, replace(definition, table="sales"), [], lossy=False)


def test_a_resource_from_before_the_accounts_gets_any_scope_that_the_project_has(orders: Resource) -> None:
    assert revised.revise(orders, Wish(scope="none"), TARGETS).after.scope is Scope.NONE
    with pytest.raises(InputError, match="rows of orders that exist have no owner, so no user sees them"):
        revised.revise(orders, Wish(scope="owner"), TARGETS)
    assert revised.revise(orders, Wish(scope="owner", lossy=True), TARGETS).after.scope is Scope.OWNER
    organised = Owners(accounts=True, organisations=True)
    found = revised.revise(orders, Wish(scope="organisation", lossy=True), TARGETS, (), organised)
    assert found.after.scope is Scope.ORGANISATION
    with pytest.raises(InputError, match="rows of orders cannot have an owner: this project has no accounts"):
        revised.revise(orders, Wish(scope="owner", lossy=True), TARGETS, (), NOBODY)


def test_rows_of_users_are_not_given_to_organisations_without_their_owners_being_lost_first(orders: Resource) -> None:
    organised = Owners(accounts=True, organisations=True)
    with pytest.raises(InputError, match="rows of orders belong to users, which cannot be converted to organisations"):
        revised.revise(
            replace(orders, scope=Scope.OWNER), Wish(scope="organisation", lossy=True), TARGETS, (), organised
        )


@pytest.mark.parametrize(
    ("scope", "rows_to", "owner"),
    [
        (
            "owner",
            "ada.o'hara@example.org",
            "(SELECT id FROM users WHERE lower(email) = lower('ada.o''hara@example.org'))",
        ),
        ("owner", USER, "(SELECT id FROM users WHERE id = '01a21ee5-0e26-72b1-901c-b7ed77403cef')"),
        ("organisation", USER, "(SELECT id FROM organisations WHERE id = '01a21ee5-0e26-72b1-901c-b7ed77403cef')"),
    ],
)
def test_rows_that_exist_can_be_given_to_somebody_so_nothing_is_lost(
    orders: Resource, scope: str, rows_to: str, owner: str
) -> None:
    organised = Owners(accounts=True, organisations=True)
    found = revised.revise(orders, Wish(scope=scope, rows_to=rows_to), TARGETS, (), organised)
    (parts,) = found.gives
    assert (found.loses, "".join(parts).partition(" = ")) == ((), ('UPDATE "orders" SET "owner_id"', " = ", owner))


def test_rows_that_link_rows_of_users_get_the_owner_of_the_first(orders: Resource) -> None:
    owned = replace(orders, scope=Scope.OWNER)
    tags = replace(checks.with_fields(checks.named("tags"), [grammar.parse("word:str")], {}), scope=Scope.NONE)
    found = revised.revise(tags, Wish(scope="owner", rows_to=USER), TARGETS, [owned])
    assert "".join(found.gives[1]) == (
        'UPDATE "order_labels" SET "owner_id" = "orders"."owner_id" FROM "orders" '
        'WHERE "orders"."id" = "order_labels"."order_id"'
    )


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (Wish(rows_to=USER), "rows of orders get no owners by this change"),
        (Wish(scope="none", rows_to=USER), "rows of orders get no owners by this change"),
        (Wish(scope="owner", rows_to="ada"), "'ada' is not the address or the id of a user"),
        (Wish(scope="owner", rows_to="a:b@example.org"), "is not the address or the id of a user"),
    ],
)
def test_rows_are_given_only_to_somebody_who_can_own_them(orders: Resource, wish: Wish, what: str) -> None:
    with pytest.raises(InputError, match=what):
        revised.revise(orders, wish, TARGETS)


@pytest.mark.parametrize(("scope", "owners"), [(Scope.OWNER, "users"), (Scope.ORGANISATION, "organisations")])
def test_renamed_refs_rename_the_constraint_of_their_owner(orders: Resource, scope: Scope, owners: str) -> None:
    targets = {name: replace(target, scope=scope) for name, target in TARGETS.items()}
    owned = replace(orders, scope=scope, targets=targets)
    (link,) = revised.revise(owned, Wish(renames=("labels:marks",)), targets).links
    assert (f"fk_order_labels_owner_id_{owners}", f"fk_order_marks_owner_id_{owners}") in link.constraints
    assert ("ix_order_labels_owner_id", "ix_order_marks_owner_id") in link.indexes


def test_a_definition_without_a_scope_means_the_default_of_the_project(orders: Resource) -> None:
    definition = Definition("orders", FIELDS)
    owned = replace(orders, scope=Scope.ORGANISATION)
    organised = Owners(accounts=True, organisations=True)
    assert revised.wish_for(owned, definition, [], organised, lossy=False).scope == "organisation"
    assert revised.wish_for(owned, definition, [], ACCOUNTS, lossy=False).scope == "owner"


def test_owners_are_lost_only_by_who_knows_that_unique_values_may_be_there_twice(orders: Resource) -> None:
    with pytest.raises(InputError, match=r"rows of orders lose their owners, .* two of them have the same number"):
        revised.revise(replace(orders, scope=Scope.OWNER), Wish(scope="none"), TARGETS)
