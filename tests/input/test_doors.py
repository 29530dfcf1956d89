"""Bad input to every command: refused in two lines, and nothing is written. Free text is stored as given."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from copperplate.errors import ExitCode
from copperplate.templates import bundled
from testing import bad_input
from testing.cli import Ran
from tests.input.doors import DOORS, FILES, Door

Run = Callable[..., Ran]
NAMES = {"project_name": "Acme Shop", "distribution_name": "acme-shop", "package_name": "acme_shop"}
FREE_TEXT = ("project_name", "description", "author_name")
# What is refused of each question that takes text.
REFUSED = {
    "package_name": bad_input.PACKAGES,
    "distribution_name": bad_input.DISTRIBUTIONS,
    "project_name": ["", *bad_input.REFUSED_TEXT],
    "description": ["", *bad_input.REFUSED_TEXT],
    "author_name": bad_input.REFUSED_TEXT,
    "author_email": bad_input.EMAILS,
}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> Door:
    return DOORS[request.param]


def assert_refused(ran: Ran, place: Path, *, naming: str) -> None:
    """Two lines of plain text, the first naming what is wrong; and nothing is written."""
    assert ran.code == ExitCode.USAGE, (ran, naming)
    first, second = ran.complaint
    assert first.startswith("error: ")
    assert naming in first or "cannot be read" in first
    assert second.startswith("  hint: ")
    assert (first + second).isprintable()
    assert ran.stdout == ""
    assert not (place / "shop").exists()


@pytest.mark.parametrize("question", REFUSED)
def test_bad_input_is_refused_by_every_command(
    question: str, door: Door, copperplate: Run, questions: Path, tmp_path: Path
) -> None:
    for value in REFUSED[question]:
        ran = copperplate(*door({**NAMES, question: value}, tmp_path), "--template", questions)
        assert_refused(ran, tmp_path, naming=question)


def test_text_is_stored_as_given(door: Door, copperplate: Run, questions: Path, tmp_path: Path) -> None:
    for given in by_three(bad_input.TEXT):
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        place.mkdir()
        ran = copperplate(*door({**NAMES, **given}, place), "--template", questions)
        assert ran.code == 0, (given, ran.stderr)
        assert recorded(place / "shop").items() >= given.items()


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
@pytest.mark.parametrize("tampered", bad_input.TAMPERED, ids=lambda tampered: repr(tampered)[:40])
def test_a_tampered_file_of_answers_is_refused(
    tampered: dict[str, object], file: Door, copperplate: Run, questions: Path, tmp_path: Path
) -> None:
    ran = copperplate(*file({**NAMES, **tampered}, tmp_path), "--template", questions)
    (name,) = tampered
    assert_refused(ran, tmp_path, naming=name if name.isprintable() else ascii(name))


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
@pytest.mark.parametrize(
    "origin",
    [
        {"_src_path": "ext::sh -c 'touch ran'"},
        {"_src_path": "git+file:///nowhere"},
        {"_src_path": ["a"]},
        {"_commit": "--upload-pack=touch ran"},
        {"_commit": "99.0.0"},
    ],
)
def test_the_template_that_a_file_of_answers_names_is_ignored(
    origin: dict[str, object], file: Door, copperplate: Run, questions: Path, tmp_path: Path
) -> None:
    """The answers file of one project may be used for another one, but only its answers count."""
    ran = copperplate(*file({**NAMES, **origin}, tmp_path), "--template", questions)
    assert ran.code == 0, ran.stderr
    assert recorded(tmp_path / "shop")["_src_path"] == str(questions)
    assert recorded(tmp_path / "shop")["_commit"] == "unreleased"
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"shop"}


@pytest.mark.parametrize("python", ["", " ", "-h", "--system", "../x", "3.x", "99", "3.99", "\x1b[31m", "a" * 5000])
def test_an_invalid_python_is_refused(python: str, copperplate: Run, questions: Path, tmp_path: Path) -> None:
    arguments = ("new", tmp_path / "shop", "--data", "project_name=Acme Shop", "--template", questions, "--no-git")
    ran = copperplate(*arguments, f"--python={python}")
    assert_refused(ran, tmp_path, naming="--python")


@pytest.mark.parametrize("feature", ["", " ", "../example", "\x1b[31m", "\ud800", "license", "unprintable", "a" * 5000])
@pytest.mark.parametrize("switch", ["--with", "--without"])
def test_an_unknown_feature_is_refused(
    switch: str, feature: str, copperplate: Run, questions: Path, tmp_path: Path
) -> None:
    ran = copperplate("new", tmp_path / "shop", f"{switch}={feature}", "--template", questions)
    assert_refused(ran, tmp_path, naming="there is no feature")


def by_three(texts: Sequence[str]) -> list[dict[str, str]]:
    """Answers that hold `texts`, three at a time."""
    size = len(FREE_TEXT)
    return [dict(zip(FREE_TEXT, texts[at : at + size], strict=False)) for at in range(0, len(texts), size)]


def recorded(project: Path) -> dict[str, object]:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(answers, dict)
    return answers


def test_the_released_template_records_its_own_origin(copperplate: Run, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({**NAMES, "_src_path": "ext::sh -c id", "_commit": "--upload-pack=id"}))
    ran = copperplate("new", tmp_path / "shop", "--answers", file, "--no-install", "--no-git", "--defaults")
    assert ran.code == 0, ran.stderr
    assert recorded(tmp_path / "shop")["_src_path"] == bundled.SOURCE
    assert recorded(tmp_path / "shop")["_commit"] == bundled.newest().version
