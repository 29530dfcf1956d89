"""Release notes of versions, for users who update to them."""

from pathlib import Path

from copperplate.templates import template
from copperplate.templates.template import Note

TEXT = """\
# 1.1.0

For readers.

- not under a heading that counts

## Breaking

- The settings
  have other names.
* Python 3.11 is gone.

## By hand

- Rename `A` to `B`.

## Others

- no
"""


def test_list_items_below_the_two_headings_are_reported() -> None:
    assert template.parse_notes("1.1.0", TEXT) == Note(
        "1.1.0", ("The settings have other names.", "Python 3.11 is gone."), ("Rename `A` to `B`.",)
    )


def test_the_notes_of_all_versions_between_are_reported_in_order(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for version in ("1.0", "1.2", "1.10", "1.9", "2.0", "README"):
        (tmp_path / "notes" / f"{version}.md").write_text(f"## Breaking\n- {version}\n")
    assert [note.version for note in template.notes_between(tmp_path, "1.0", "1.10")] == ["1.2", "1.9", "1.10"]
    assert template.notes_between(tmp_path, "2.0", "2.0") == ()
    assert template.notes_between(tmp_path, "unreleased", "2.0") == ()
