"""Any answers whatever are refused in two lines, or come back as they were given from every file that holds them."""

import dataclasses
import random
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copperplate.commands import new
from copperplate.errors import ExitCode, InputError
from copperplate.questions import inputs
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Value, is_chosen, is_on
from copperplate.system.disk import file_names, write_files
from copperplate.templates import bundled
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing import bad_input
from tests.input.printed import MARKERS, Plate, parts, with_text

EXAMPLES = 600
NAMES = {"project_name": "Acme Shop", "distribution_name": "acme-shop", "package_name": "acme_shop"}
# What some parser, shell, template engine or terminal acts upon.
SPECIAL = (
    "\"'`\\{}[]()<>$%#&*!?|~=:;,.@^_-+/ \n\r\t\0\x1b\x7f\x85\u00a0\u2028\u200d\u202e\u0301\ufeff\ud800éß東م\U0001f680"
)
FRAGMENTS = [
    *bad_input.TEXT,
    *("{{", "}}", "{%", "%}", "# <%", "${{ ", "${", "$$", "%(a)s", "%%", "\\u0041", "\\N{BULLET}", "\\x41", "\\"),
    *(
        "\x1b]0;x\x07",
        "\u200f",
        "\u202d",
        "\u2066",
        "\U000e0041",
        "\u00ad",
        "<!--",
        "-->",
        "]]>",
        "](x)",
        "```",
        "    ",
    ),
    *(
        "a" * 79,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u1100\u1161",
        "\ufb01",
        "I\u0307",
        "\x00",
        "\r\n",
        "\n",
    ),
]
fragments = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), min_size=1, max_size=4).map("".join)
any_text = st.one_of(
    st.sampled_from(bad_input.TEXT + bad_input.REFUSED_TEXT),
    fragments,
    st.text(alphabet=SPECIAL, max_size=30),
    st.text(max_size=90),
    st.text(min_size=70, max_size=220),
)
# Mostly text that is accepted, for it goes further.
visible = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
good_text = st.one_of(
    st.sampled_from(bad_input.TEXT),
    st.lists(st.sampled_from(bad_input.TEXT), min_size=2, max_size=4).map("".join),
    st.text(alphabet=[character for character in SPECIAL if character.isprintable()], min_size=1, max_size=30),
    st.text(alphabet=visible, min_size=1, max_size=80),
).map(lambda value: value[:80].strip(" \u00a0\u3000"))
any_name = st.one_of(
    st.sampled_from(bad_input.PACKAGES + bad_input.DISTRIBUTIONS),
    st.text(alphabet="abz09-_.A ", min_size=1, max_size=42),
    st.text(max_size=12),
)
any_email = st.one_of(st.just(""), st.sampled_from(bad_input.EMAILS), st.emails(), any_text)
ANY = st.fixed_dictionaries(
    {"project_name": any_text},
    optional={
        "distribution_name": any_name,
        "package_name": any_name,
        "description": any_text,
        "author_name": any_text,
        "author_email": any_email,
    },
)
GOOD = st.fixed_dictionaries(
    {name: st.just(value) for name, value in NAMES.items()} | {"project_name": good_text},
    optional={"description": good_text, "author_name": good_text, "author_email": st.emails()},
)


@pytest.fixture(scope="module")
def plate(real_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Plate:
    folder = tmp_path_factory.mktemp("template")
    write_files(real_template.release.files, folder)
    return Plate(folder, real_template.manifest)


@pytest.fixture(scope="module")
def choices(asked: Manifest) -> list[dict[str, Value]]:
    """Enough combinations of all that is chosen from a list, each value in several of them."""
    draw = random.Random(0)  # noqa: S311 - it only has to be the same every time
    lists: dict[str, list[Value]] = {
        question.name: list(question.choices.values()) for question in asked.questions if question.choices
    }
    lists |= {question.name: [True, False] for question in asked.questions if question.kind == "bool"}
    longest = max(map(len, lists.values()))
    chosen = [
        {name: values[(n + draw.randrange(2)) % len(values)] for name, values in lists.items()}
        for n in range(longest * 3)
    ]
    return [possible(choice | needed(choice, asked), asked) for choice in chosen]


def possible(choice: dict[str, Value], asked: Manifest) -> dict[str, Value]:
    """The choice without the features that conflict with others of it."""
    off = [
        feature.question
        for feature in asked.features
        if any(is_chosen(conflict, choice) for conflict in feature.conflicts)
    ]
    return choice | {question.name: "none" if question.choices else False for question in off}


def needed(choice: dict[str, Value], asked: Manifest) -> dict[str, Value]:
    """The features that those of `choice` need, and that these need, switched on."""
    features = {feature.question.name: feature for feature in asked.features}
    found: dict[str, Value] = {}
    waiting = [name for name in features if is_on(choice[name])]
    while waiting:
        chosen, needy = {**choice, **found}, features[waiting.pop()]
        needs = [name for name in needy.needs_with(chosen[needy.question.name]) if not is_on(chosen[name])]
        found |= {name: next(iter(features[name].question.choices.values()), True) for name in needs}
        waiting += needs
    return found


@pytest.fixture(scope="module")
def holding(plate: Plate, choices: list[dict[str, Value]], asked: Manifest) -> list[str]:
    """The templates of the files that hold free text under some answers."""
    full = {**NAMES, "author_name": "Ada", "author_email": "ada@example.org"}
    answered = [Answers.from_data({**some, **choice}, asked) for choice in choices for some in (NAMES, full)]
    return sorted({name for answers in answered for name in plate.holding_free_text(answers)})


def test_what_is_rendered_singly_is_what_a_project_holds(
    plate: Plate, holding: list[str], real_template: Template, asked: Manifest, tmp_path: Path
) -> None:
    """Else all that follows would prove nothing. No path, and no other file, has a part of any free text in it."""
    answers = plate.marked(Answers.from_data({**NAMES, "author_name": "a", "author_email": "a@b.cd"}, asked))
    project = tmp_path / "project"
    render(dataclasses.replace(real_template.release, version="1.2.3"), project, answers.data(), source=bundled.SOURCE)
    marked = {name for name in file_names(project) if b"marker" in (project / name).read_bytes().lower()}
    assert not [name for name in file_names(project) if "marker" in name.lower()]
    assert sorted((project / name).read_text(encoding="utf-8") for name in marked) == sorted(
        plate.render(name, answers) for name in holding
    )


def test_any_answers_are_refused_in_two_lines_or_come_back(
    plate: Plate, holding: list[str], choices: list[dict[str, Value]], asked: Manifest
) -> None:
    ends: Counter[str] = Counter()
    same_again: list[tuple[str, list[str]]] = []

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(ANY | GOOD, st.sampled_from(choices))
    def check(free: dict[str, Value], chosen: dict[str, Value]) -> None:
        given = {**chosen, **free}
        try:
            answers = Answers.from_data(given, asked)
        except InputError as refused:
            ends["refused"] += 1
            assert_told_in_two_lines(refused)
            return
        ends["printed"] += 1
        assert answers.data().items() >= given.items()
        assert plate.complaints(answers) == {}
        for name in holding:
            assert parts(name, plate.render(name, answers)) == with_text(plate.marked_parts(name, answers), answers)
        command = new.equivalent("./shop", answers, asked)
        assert answers_of(command, asked) == answers
        same_again.append((command, shlex.split(command)))

    check()
    assert ends.total() >= EXAMPLES
    assert min(ends["refused"], ends["printed"]) > EXAMPLES / 5
    assert as_bash_reads([command for command, _ in same_again]) == [words for _, words in same_again]


def assert_told_in_two_lines(refused: InputError) -> None:
    assert refused.exit_code == ExitCode.USAGE
    for line in (refused.what, refused.hint):
        assert line.isprintable()
        assert 0 < len(line) < 400


def answers_of(command: str, asked: Manifest) -> Answers:
    """The answers that the printed command gives when it is typed."""
    words = shlex.split(command)
    data = [words[at + 1] for at, word in enumerate(words) if word == "--data"]
    given = inputs.gathered(asked, file=None, data=data, with_=(), without=())
    return Answers.from_data({"project_name": "Shop", **given}, asked)


def as_bash_reads(commands: list[str]) -> list[list[str]]:
    """The words of each command, as bash hands them to a program."""
    script = 'copperplate() { printf "%s\\0" copperplate "$@" ""; }\n' + "\n".join(commands)
    read = subprocess.run(["bash"], input=script.encode(), capture_output=True, check=True).stdout.decode()  # noqa: S607
    return [words.split("\0") for words in read.split("\0\0")[:-1]]


def test_every_free_text_is_put_somewhere(plate: Plate, holding: list[str], asked: Manifest) -> None:
    answers = Answers.from_data({**NAMES, "author_name": "Ada", "author_email": "ada@example.org"}, asked)
    printed = "".join(plate.render(name, plate.marked(answers)) for name in holding)
    assert [marker for marker in MARKERS.values() if marker not in printed] == []


def test_text_that_ends_its_quotes_is_detected(plate: Plate, asked: Manifest) -> None:
    """The proof of the proof: what is put into a file without quoting it does not read as it was given."""
    answers = Answers.from_data({**NAMES, "description": "x\"', #\\u0041"}, asked)
    marked = plate.marked(answers)
    for name, file in {
        "a.toml": 'a = "{}"\n',
        "a.yml": "a: {}\n",
        "a.py": 'a = "{}"\n',
        ".env.example": "A='{}'\n",
    }.items():
        expected = with_text(parts(name, file.format(marked.description)), answers)
        try:
            found = parts(name, file.format(answers.description))
        except (ValueError, SyntaxError):
            continue
        assert found != expected, name
    assert dataclasses.asdict(marked)["description"] == MARKERS["description"]
