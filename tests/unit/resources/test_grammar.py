import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copperplate.errors import InputError
from copperplate.resources import field_checks, grammar
from copperplate.resources.specification import RULES, Field, Kind, OnDelete

from .strategies import fields

READ_BY_SHELLS = re.compile(r"[\s\"'`$&|;<>(){}\[\]*?!~#\\,^%]")


@given(fields())
def test_what_is_written_is_read_as_the_same_field(field: Field) -> None:
    assert grammar.parse(grammar.format_field(field)) == field


@given(fields())
def test_no_shell_reads_what_is_written(field: Field) -> None:
    written = grammar.format_field(field)
    assert not READ_BY_SHELLS.search(written)
    assert grammar.is_safe(written)


@given(st.text() | st.from_regex(r"[a-z]+(:[a-z0-9=/,.-]*){0,5}", fullmatch=True))
def test_any_text_is_a_field_or_refused_in_two_lines(text: str) -> None:
    try:
        field = grammar.parse(text)
        field_checks.check_field(field)
    except InputError as error:
        lines = [error.what, error.hint]
    else:
        lines = []
        assert grammar.parse(grammar.format_field(field)) == field
    assert all(line and "\n" not in line and len(line) < 400 for line in lines)


@pytest.mark.parametrize("kind", Kind)
def test_the_example_of_each_type_is_a_field_of_it(kind: Kind) -> None:
    field = grammar.parse(RULES[kind].example)
    field_checks.check_field(field)
    assert field.kind is kind


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("number:str", Field("number", Kind.STR, length=200)),
        ("number:str:20:unique", Field("number", Kind.STR, length=20, unique=True)),
        ("total:decimal:12,2:min=0", Field("total", Kind.DECIMAL, digits=12, decimals=2, minimum=0)),
        ("total:decimal:12/2:min=0", Field("total", Kind.DECIMAL, digits=12, decimals=2, minimum=0)),
        ("total:decimal", Field("total", Kind.DECIMAL, digits=12, decimals=2)),
        ("on:enum:yes,no:default=no", Field("on", Kind.ENUM, values=("yes", "no"), default="no")),
        ("note:text:null", Field("note", Kind.TEXT, length=2000, null=True)),
        ("buyer:ref:users", Field("buyer", Kind.REF, to="users", on_delete=OnDelete.RESTRICT)),
        ("buyer:ref:users:set-null:null", Field("buyer", Kind.REF, to="users", on_delete=OnDelete.SET_NULL, null=True)),
        ("tags:str:30:list", Field("tags", Kind.STR, length=30, is_list=True)),
        ("stock:int:max=9:min=-5", Field("stock", Kind.INT, minimum=-5, maximum=9)),
    ],
)
def test_a_field_is_read(text: str, field: Field) -> None:
    assert grammar.parse(text) == field


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("", "'' does not begin with the name of a field", "a name has lower-case letters"),
        ("Total:int", "'Total:int' does not begin", "such as placed_at:datetime"),
        ("total", "the field total has no type", "write total:str"),
        ("total:strng", "has the type 'strng', which there is not", "did you mean str?"),
        ("total:money", "has the type 'money'", "did you mean decimal?"),
        ("total:int:uniqe", "has the option 'uniqe'", "did you mean unique?"),
        ("total:int:nullable", "has the option 'nullable'", "did you mean null?"),
        ("total:int:min", "min of the field total has no value", "write it: min=1"),
        ("total:int:min=x", "min of the int total is 'x'", "write a whole number"),
        ("total:int:null:null", "has null twice", "write it once"),
        ("total:int:", "has an empty option", "remove the colon"),
        ("total:decimal:1/2/3", "has '1/2/3' for its digits", "total:decimal:12/2"),
        ("on:enum", "has no values", "on:enum:draft/paid/void"),
        ("buyer:ref", "does not say which resource", "buyer:ref:customers"),
        ("buyer:ref:users:gone", "has the option 'gone'", "there are: restrict, cascade, set-null, null"),
        ("ok:bool:default=yes", "default of the bool ok is 'yes'", "write true or false"),
        ("w:float:min=nan", "min of the float w is 'nan'", "write a number"),
    ],
)
def test_what_is_no_field_is_refused_with_what_to_write(text: str, what: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        grammar.parse(text)
    assert what in refused.value.what
    assert hint in refused.value.hint
