"""Clean merges of git: both sides add the same entry at different places."""

import tomllib

import pytest

from copperplate.errors import ExitCode
from testing.worlds import World, lines
from tests.update.test_lists import assert_conflict, assert_merged, changed, merge

MIDDLE = "\n[tool.m]\na = 1\nb = 2\nc = 3\n\n[tool.n]\na = 1\nb = 2\n"
COVERAGE = "\n[tool.coverage.run]\nbranch = true\n"
DEPENDENCIES = lines("[project]", "dependencies = [", '  "a",', '  "b",', '  "c",', "]")
MODULE = lines(
    "import aa",
    "import bb",
    "import cc",
    "",
    "A = 1",
    "B = 2",
    "C = 3",
    "",
    "",
    "class D:",
    "    x: int",
    "    y: int",
    "    z: int",
)
YAML = lines(
    "a: 1", "b: 2", "c: 3", "d:", "  - e", "  - f", "  - g", "h: 1", "i: 2", "j:", "  k: 1", "  l: 2", "  m: 3"
)
VARIABLES = lines("A=1", "B=2", "C=3")
TABLES = lines("[project]", 'name = "x"') + MIDDLE
LAYERS = lines("layers = [", '  "a",', '  "b",', '  "c",', "]")


@pytest.mark.parametrize(
    ("path", "text", "ours", "theirs"),
    [
        (
            "pyproject.toml",
            DEPENDENCIES,
            ('  "c",\n', '  "c",\n  "httpx<0.28",\n'),
            ('  "a",\n', '  "a",\n  "httpx>=0.28",\n'),
        ),
        ("pyproject.toml", DEPENDENCIES, ('  "c",\n', '  "c",\n  "Ht_px",\n'), ('  "a",\n', '  "a",\n  "ht-px>1",\n')),
        (
            "pyproject.toml",
            TABLES,
            ("[tool.n]\na = 1\n", "[tool.n]\na = 1\n\n[tool.o]\na = 1\n"),
            ('"x"\n', '"x"\n\n[tool.o]\na = 2\n'),
        ),
        ("pyproject.toml", TABLES, ("c = 3\n", "c = 3\nz = 1\n"), ("a = 1\n", "z = 2\na = 1\n")),
        ("ruff.toml", LAYERS, ('  "c",\n', '  "c",\n  "n",\n'), ('  "a",\n', '  "n",\n  "a",\n')),
        ("c.yaml", YAML, ("c: 3\n", "c: 3\nu: ours\n"), ("a: 1\n", "a: 1\nu: theirs\n")),
        ("c.yaml", YAML, ("  - g\n", "  - g\n  - n\n"), ("  - e\n", "  - n\n  - e\n")),
        ("c.yml", YAML, ("  m: 3\n", "  m: 3\n  n: 3\n"), ("  k: 1\n", "  n: 4\n  k: 1\n")),
        (".env.example", VARIABLES, ("C=3\n", "C=3\nU=ours\n"), ("A=1\n", "A=1\nU=theirs\n")),
        (".env.example", VARIABLES, ("C=3\n", 'C=3\nU="a\nb"\n'), ("A=1\n", "A=1\nexport U=theirs\n")),
        ("m.py", MODULE, ("C = 3\n", "C = 3\nN = 1\n"), ("A = 1\n", "N = 2\nA = 1\n")),
        ("m.py", MODULE, ("    z: int\n", "    z: int\n    n: int\n"), ("    x: int\n", "    n: str\n    x: int\n")),
        ("m.py", MODULE, ("    z: int\n", "    z: int\n\n\ndef f(): ...\n"), ("C = 3\n", "def f(): ...\n\n\nC = 3\n")),
        (
            "m.py",
            MODULE,
            ("import cc\n", "import cc\nfrom a import n\n"),
            ("import aa\n", "from b import n\nimport aa\n"),
        ),
        ("m.py", MODULE, ("C = 3\n", "C = 3\nn = 3\n"), ("import aa\n", "import aa\nfrom b import n\n")),
    ],
)
def test_two_different_additions_of_one_entry_are_a_conflict(
    world: World, path: str, text: str, ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    by_ours, by_theirs = changed(text, *ours), changed(text, *theirs)
    result = merge(world, path, text, ours=by_ours, theirs=by_theirs)
    assert_conflict(world, result, path)
    shown = world.read(path)
    above, _, rest = shown.partition("<<<<<<< ours/your-project\n")
    mine, _, rest = rest.partition("=======\n")
    other, _, below = rest.partition(">>>>>>> theirs/template-2.0\n")
    assert (above + mine + below, above + other + below) == (by_ours, by_theirs)
    assert {line.split()[2] for line in world.git("ls-files", "-u", path).splitlines()} == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("path", "text", "ours", "theirs"),
    [
        ("pyproject.toml", TABLES, TABLES + COVERAGE, changed(TABLES, '"x"\n', f'"x"\n{COVERAGE}')),
        ("pyproject.toml", DEPENDENCIES, ('  "c",\n', '  "c",\n  "d",\n'), ('  "b",\n', '  "b",\n  "d",\n')),
        ("c.yaml", YAML, ("c: 3\n", "c: 3\nu: 1\n"), ("a: 1\n", "a: 1\nu: 1\n")),
        (".env.example", VARIABLES, ("C=3\n", "C=3\nU=1\n"), ("A=1\n", "A=1\nU=1\n")),
        (".gitignore", VARIABLES, ("C=3\n", "C=3\nU\n"), ("A=1\n", "A=1\nU\n")),
    ],
)
def test_two_equal_additions_of_one_entry_give_one_entry(
    world: World, path: str, text: str, ours: tuple[str, str] | str, theirs: tuple[str, str] | str
) -> None:
    by_ours = ours if isinstance(ours, str) else changed(text, *ours)
    by_theirs = theirs if isinstance(theirs, str) else changed(text, *theirs)
    result = merge(world, path, text, ours=by_ours, theirs=by_theirs)
    assert result.exit_code == ExitCode.DONE
    assert sorted(filter(None, world.read(path).splitlines())) == sorted(filter(None, by_ours.splitlines()))
    if path == "pyproject.toml":
        tomllib.loads(world.read(path))


def test_only_contradictory_changes_are_in_the_conflict(world: World) -> None:
    text = lines(*(f"K{number}={number}" for number in range(20)))
    ours = changed(changed(text, "K2=2\n", "K2=ours\n"), "K9=9\n", "K9=9\nU=ours\n")
    theirs = changed(changed(text, "K17=17\n", "K17=theirs\n"), "K6=6\n", "K6=6\nU=theirs\n")
    assert_conflict(world, merge(world, ".env.example", text, ours=ours, theirs=theirs), ".env.example")
    shown = world.read(".env.example")
    above, _, rest = shown.partition("<<<<<<<")
    within, _, below = rest.partition(">>>>>>>")
    assert "K2=ours\n" in above
    assert "K17=theirs\n" in below
    assert (within.count("U="), within.count("K7=7"), within.count("K10")) == (2, 2, 0)


def test_a_moved_file_is_checked_too(world: World) -> None:
    text = lines(*(f"k{number}: {number}" for number in range(20)))
    world.release("1.0", {"a.yaml": text})
    world.release("2.0", {"a.yaml": changed(text, "k6: 6\n", "k6: 6\nu: theirs\n")})
    world.print("1.0")
    world.git("mv", "a.yaml", "b.yaml")
    world.write("b.yaml", changed(text, "k9: 9\n", "k9: 9\nu: ours\n"))
    world.commit()
    assert_conflict(world, world.update(), "b.yaml")


def test_a_file_with_carriage_returns_keeps_them_in_the_conflict(world: World) -> None:
    text, ends = VARIABLES, "\r\n"
    ours, theirs = changed(text, "C=3\n", "C=3\nU=1\n"), changed(text, "A=1\n", "A=1\nU=2\n")
    versions = [version.replace("\n", ends) for version in (text, ours, theirs)]
    result = merge(world, ".env.example", versions[0], ours=versions[1], theirs=versions[2])
    assert [conflict.path for conflict in result.report.conflicts] == [".env.example"]
    shown = (world.project / ".env.example").read_bytes()
    assert shown.count(b"\r\n") == shown.count(b"\n")


@pytest.mark.parametrize(
    ("path", "text", "ours", "theirs"),
    [
        ("m.py", MODULE + "A = 2\n", ("A = 2\n", "A = 2\nA = 3\n"), ("A = 1\n", "A = 4\n")),
        ("m.py", MODULE, ("import cc\n", "import cc\nimport os.path\n"), ("import aa\n", "import os.abc\nimport aa\n")),
        (".env.example", VARIABLES, ("C=3\n", "C=3\nU=1\n"), ("A=1\n", "# U=2\nA=1\n")),
        ("notes.txt", VARIABLES, ("C=3\n", "C=3\nU=1\n"), ("A=1\n", "A=1\nU=2\n")),
        ("pyproject.toml", "[a\n" + VARIABLES, ("C=3\n", "C=3\nU=1\n"), ("A=1\n", "A=1\nU=2\n")),
    ],
    ids=["twice in one side", "parts of one package", "a default in a comment", "an unknown kind", "never readable"],
)
def test_correct_or_unknown_results_of_git_are_kept(
    world: World, path: str, text: str, ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    assert_merged(merge(world, path, text, ours=ours, theirs=theirs), path)
    assert world.read(path) == changed(changed(text, *ours), *theirs)
