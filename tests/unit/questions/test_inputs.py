from pathlib import Path

import pytest

from copperplate.errors import InputError
from copperplate.questions import inputs
from copperplate.questions.manifest import Manifest


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "project_name: Acme\nexample: false\n"),
        ("a.json", '{"project_name": "Acme", "example": false}'),
        ("a.toml", 'project_name = "Acme"\nexample = false\n'),
    ],
)
def test_answers_are_read_from_a_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert inputs.from_file(tmp_path / name) == {"project_name": "Acme", "example": False}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yml", b"a: [\n"),
        ("a.yml", b"!!python/object/apply:os.system [id]"),
        ("a.yml", b"- a\n"),
        ("a.yml", b""),
        ("a.yml", b"1: a\n"),
        ("a.yml", b"\xff\xfe"),
        ("a.yml", b"a: \0"),
        ("a.yml", b"x: " + b"y" * 70_000),
        ("a.yml", b"a: &a [*a"),
        ("a.yml", b"&a [*a, *a]"),
        ("a.yml", b"? [a]\n: b\n"),
        ("a.yml", b"? {a: b}\n: c\n"),
        ("a.yml", b"a: 2026-13-45\n"),
        ("a.yml", b"a: " + b"9" * 5000),
        ("a.yml", b"a: !!binary a\n"),
        ("a.yml", b"a: !!python/name:os.system\n"),
        ("a.yml", b"a: 1\n---\na: 2\n"),
        ("a.yml", b"a: " + b"[" * 20_000),
        ("a.json", b'{"a": ' + b"9" * 5000 + b"}"),
        ("a.json", b"null"),
        ("a.toml", b"a = 1\na = 2\n"),
        ("a.toml", b"a = " + b"[" * 20_000),
        ("a.json", b"{"),
        ("a.json", b"[" * 20_000),
        ("a.toml", b"a = "),
    ],
)
def test_a_file_without_a_mapping_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        inputs.from_file(tmp_path / name)
    assert "\n" not in refused.value.what


@pytest.mark.parametrize("name", ["a.yml", "a.json", "a.toml"])
def test_a_byte_order_mark_is_ignored(name: str, tmp_path: Path) -> None:
    text = {"a.yml": "a: b", "a.json": '{"a": "b"}', "a.toml": 'a = "b"'}[name]
    (tmp_path / name).write_text(text, encoding="utf-8-sig")
    assert inputs.from_file(tmp_path / name) == {"a": "b"}


def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(InputError, match="more than the 65536 bytes"):
        inputs.from_file(Path("/dev/zero"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        inputs.from_file(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        inputs.from_file(tmp_path / "nowhere.yml")


def test_data_overrides_the_file_and_switches_override_both(asked: Manifest, tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("license: MIT\nexample: true\ncontainer: true\n")
    given = inputs.gathered(
        asked, file=file, data=["license=proprietary", "example=no"], with_=["example"], without=["container", "ci"]
    )
    assert given == {"license": "proprietary", "example": True, "container": False, "ci": "none"}


def test_a_value_may_contain_an_equals_sign(asked: Manifest) -> None:
    given = inputs.gathered(asked, file=None, data=["description=a=b"], with_=(), without=())
    assert given == {"description": "a=b"}


def test_with_takes_the_default_of_a_choice(asked: Manifest) -> None:
    assert inputs.gathered(asked, file=None, data=(), with_=["ci"], without=()) == {"ci": "github"}


def test_with_keeps_the_value_of_a_feature_that_is_already_on(asked: Manifest) -> None:
    for current, chosen in ({"ci": "gitlab"}, "gitlab"), ({"ci": "none"}, "github"), ({}, "github"):
        given = inputs.gathered(asked, file=None, data=(), with_=["ci"], without=(), current=current)
        assert given == {"ci": chosen}


def test_a_feature_with_values_is_named_with_its_value(asked: Manifest) -> None:
    given = inputs.gathered(asked, file=None, data=(), with_=["auth=session", "jobs", "mail"], without=())
    assert given == {"auth": "session", "jobs": True, "mail": True}


@pytest.mark.parametrize(
    ("named", "complaint", "hint"),
    [
        ("auth", "auth needs a value", "choose one: auth=session"),
        ("auth=none", "auth=none leaves auth out", "name the feature that you want, or `--without auth`"),
        ("license=MIT", "there is no feature 'license'", "license is a question: answer it with license=VALUE"),
    ],
)
def test_a_feature_without_a_value_that_enables_it_is_refused(
    named: str, complaint: str, hint: str, asked: Manifest
) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        inputs.gathered(asked, file=None, data=(), with_=[named], without=())
    assert refused.value.hint.startswith(hint)


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("ON", True), ("1", True), ("False", False), ("0", False)])
def test_yes_and_no_words_mean_true_and_false(text: str, value: bool, asked: Manifest) -> None:  # noqa: FBT001 - a parameter of the test
    assert inputs.gathered(asked, file=None, data=[f"example={text}"], with_=(), without=()) == {"example": value}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("items", "example"),
        ("docker", "container"),
        ("compose", "container"),
        ("gitlab", "ci"),
        ("metrics", "observability"),
        ("tracing", "observability"),
        ("worker", "jobs"),
        ("pgqueuer", "jobs"),
        ("smtp", "mail"),
        ("email", "mail"),
        ("login", "auth"),
        ("exmaple", "example"),
    ],
)
def test_a_word_for_a_part_of_a_feature_suggests_the_feature(name: str, meant: str, asked: Manifest) -> None:
    with pytest.raises(InputError) as refused:
        inputs.gathered(asked, file=None, data=(), with_=(), without=[name])
    assert refused.value.hint.startswith(f"did you mean {meant}? ")


def test_a_question_that_is_no_feature_is_answered_by_set(asked: Manifest) -> None:
    with pytest.raises(InputError, match="there is no feature 'license'") as refused:
        inputs.gathered(asked, file=None, data=(), with_=["license"], without=())
    assert refused.value.hint.startswith("license is a question: answer it with license=VALUE")
