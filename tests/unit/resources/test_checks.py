import pytest
from hypothesis import given

from copperplate.errors import InputError
from copperplate.resources import checks, grammar, naming, specification
from copperplate.resources.specification import Resource

from .strategies import TARGETS, resources


def checked(name: str, *fields: str) -> Resource:
    return checks.with_fields(checks.named(name), [grammar.parse(field) for field in fields], TARGETS)


@given(resources())
def test_what_is_recorded_is_the_same_specification(resource: Resource) -> None:
    assert specification.from_data(resource.data()) == resource


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("orders", "order"),
        ("order_lines", "order_line"),
        ("categories", "category"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("people", "person"),
        ("statuses", "status"),
        ("movies", "movie"),
        ("houses", "house"),
        ("ties", "tie"),
        ("news_items", "news_item"),
        ("sheep", None),
        ("class", None),
    ],
)
def test_the_singular_follows_from_the_plural(plural: str, singular: str | None) -> None:
    assert naming.singular(plural) == singular


def test_every_name_can_be_given_instead() -> None:
    found = checks.named("sheep", singular="ewe", class_name="Lamb", table="flock")
    assert (found.name, found.singular, found.class_name, found.table) == ("sheep", "ewe", "Lamb", "flock")


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("Orders", "'Orders' cannot be the name of a resource", "such as order_lines"),
        ("sheep", "sheep does not look like a plural", "--singular NAME"),
        ("import", "import is a keyword of Python", "choose another name"),
        ("sessions", "session, the singular of sessions, is a name", "--singular shop_session"),
        ("dates", "the class of dates would be called Date", "--class ShopDate"),
        ("types", "type, the singular of types", "choose another"),
        ("x" * 31 + "s", "has 32 characters", "at most 30"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, what: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        checks.named(name)
    assert what in refused.value.what
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("fields", "what", "hint"),
    [
        ([], "orders has no fields", "write some"),
        (["id:int"], "id cannot be the name of a field: every resource has it", "id_value"),
        (["owner:ref:customers"], "owner_id cannot be the name of a field: it says which user", "owner_value"),
        (["owner_id:uuid"], "owner_id cannot be the name of a field", "owner_id_value"),
        (["offset:int"], "it is a reserved word of SQL", "offset_value"),
        (["limit:int"], "limit cannot be the name of a field", "limit_value"),
        (["read:bool"], "a class of the resource is called so", "read_value"),
        (["a1:int", "a1:str"], "the fields a1 and a1 both need the name a1", "another name"),
        (["who:ref:customers", "who_id:uuid"], "both need the name who_id", "another name"),
        (["cost:int:index", "min_cost:int"], "both need the name min_cost", "another name"),
        (["who:ref:customer"], "refers to 'customer', which is no resource of this project", "did you mean customers?"),
        (["who_id:ref:customers"], "ends as its column will by itself", "who:ref:customers"),
        (["who:ref:customers:set-null"], "is emptied by set-null, and cannot be empty", "add null"),
        (["tags:refs:product_tags"], "orders has no field but refs", "add another"),
        (["parent:ref:orders"], "leads to orders itself, and cannot be empty", "add null"),
        (["a1:str:unique:index"], "is both unique and index", "leave out index"),
        (["a1:int:null:default=1"], "is both null and default", "leave out one"),
        (["a1:str:list:unique"], "the list a1 has the option unique", "only be null"),
        (["a1:json:index"], "has the option index, which a json does not have", "its options are: null"),
        (["a1:str:600:unique"], "has an index and 600 characters", "a1:str:500"),
        (["a1:str:0"], "has the length 0", "1 to 10000"),
        (["a1:decimal:2/2"], "has 2 digits and 2 decimals", "12/2"),
        (["a1:decimal:min=1"], "min of the decimal a1 is 1", "only be 0"),
        (["a1:decimal:4/2:default=100"], "default of the decimal a1 is 100", "2 digits before"),
        (["a1:enum:on"], "has fewer than two values", "two or more"),
        (["a1:enum:on/On"], "has the value 'On'", "lower-case"),
        (["a1:enum:a-b/a_b"], "has a value twice", "once"),
        (["a1:enum:on/off:default=of"], "default of the enum a1 is 'of'", "did you mean off?"),
        (["a1:int:min=3:max=2"], "min of the field a1 is 3, and max is 2", "less than max"),
        (["a1:int:min=3000000000"], "min of the int a1 is 3000000000", "2147483647"),
        (["a1:int:min=3:default=2"], "which its limits refuse", "within min and max"),
    ],
)
def test_fields_that_cannot_be_are_refused(fields: list[str], what: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        checked("orders", *fields)
    assert what in refused.value.what
    assert hint in refused.value.hint


def test_a_name_that_postgresql_would_cut_off_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        checked("long_names_of_resources", f"{'x' * 30}:int")
    assert "PostgreSQL would need a name of 71 characters" in refused.value.what


def test_resources_stand_behind_those_that_they_refer_to() -> None:
    first, second, third = (checks.named(name) for name in ("orders", "lines", "customers"))
    targets = {each.name: each.target for each in (first, second, third)}
    fields = {first: ["who:ref:customers"], second: ["order:ref:orders"], third: ["title:str"]}
    bare = [
        checks.with_fields(each, [grammar.parse(f.replace("order:", "of:")) for f in found], targets)
        for each, found in fields.items()
    ]
    assert [each.name for each in checks.in_order(bare)] == ["customers", "orders", "lines"]


def test_a_circle_of_references_is_refused() -> None:
    first, second = (checks.named(name) for name in ("orders", "carts"))
    targets = {each.name: each.target for each in (first, second)}
    circle = [
        checks.with_fields(first, [grammar.parse("cart:ref:carts")], targets),
        checks.with_fields(second, [grammar.parse("last:ref:orders")], targets),
    ]
    with pytest.raises(InputError, match="carts, orders refer to each other in a circle"):
        checks.in_order(circle)
