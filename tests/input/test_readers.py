"""The readers, each on text that breaks out of its quotes and on text that does not."""

import pytest

from tests.input.readers import read


@pytest.mark.parametrize(
    ("path", "text", "parts"),
    [
        ("a.toml", '[a]\nb = "c # d"\n', ["/a/b str c # d"]),
        ("a.json", '{"a": [1, "1"]}', ["/a/0 int 1", "/a/1 str 1"]),
        ("a.yml", "a: 'yes'\n", ["/a str yes", "/a str yes"]),
        ("a.yml", "a: yes\n", ["/a bool True", "/a str yes"]),
        ("LICENSE", "a\nb", ["a", "b"]),
        (".env.example", "# why\nA='b # c'\n", ["A=b # c", "A=b # c"]),
        ("a.sh", "echo 'a b' && id # why\n", ["echo", "a b", "&&", "id"]),
        (
            "Dockerfile",
            '# why\nFROM a AS b\nLABEL c="d \\"e\\"" \\\n      f=g\n',
            ["FROM", "a AS b", "LABEL", 'c=d "e"', "f=g"],
        ),
    ],
)
def test_a_file_is_read_part_by_part(path: str, text: str, parts: list[str]) -> None:
    assert read(path, text) == parts


@pytest.mark.parametrize(
    ("path", "quoted", "broken_out"),
    [
        ("a.py", '"""a"""\n', '"""a""" + "b"\n'),
        ("a.py", "a = 'b'  # c\n", "a = 'b'  # d\n"),
        ("a.md", "# a \\<b\\>\n", "# a <b>\n"),
        (".env.example", "A='$(id)'\n", "A=$(id)\n"),
    ],
)
def test_text_that_ends_its_quotes_is_read_differently(path: str, quoted: str, broken_out: str) -> None:
    assert read(path, quoted) != read(path, broken_out)


def test_a_file_with_an_invalid_instruction_is_no_dockerfile() -> None:
    with pytest.raises(ValueError, match="'EVIL' is no instruction"):
        read("Dockerfile", "FROM a\nEVIL b\n")


def test_a_file_type_without_a_reader_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"a\.ini"):
        read("a.ini", "")
