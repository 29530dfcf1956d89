"""Changes of both sides that look like changes of a list, and on which the user has to decide."""

import pytest

from testing.worlds import World, lines
from tests.update.test_lists import assert_conflict, changed, merge

MODULE = "src/shop/a_module.py"
USE = "\n\ndef made() -> object:\n    return check\n"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("from .orders import router\n", "from .payments import router\n"),
        ("from .orders import router as r\n", "from .payments import router as r\n"),
        ("import json5 as json\n", "import orjson as json\n"),
        ("import json5 as json\n", "import json\n"),
        ("from .orders import a, router\n", "from .payments import b, router\n"),
        ("from .json import json\n", "import json.decoder\n"),
    ],
)
def test_imports_that_bind_one_name_to_two_objects_are_a_conflict(world: World, ours: str, theirs: str) -> None:
    text = "from .health import check\n" + USE
    assert_conflict(world, merge(world, MODULE, text, ours=ours + text, theirs=theirs + text), MODULE)


@pytest.mark.parametrize(
    "definition",
    ["\n\ndef router() -> None: ...\n", "\n\nclass router: ...\n", "\n\nrouter = 1\n", "\n\nrouter: int = 1\n"],
)
def test_an_import_that_rebinds_a_name_of_the_project_is_a_conflict(world: World, definition: str) -> None:
    text = "from .health import check\n" + USE
    ours = "from .a import a\n" + text + definition
    theirs = "from .payments import router\n" + text
    assert_conflict(world, merge(world, MODULE, text, ours=ours, theirs=theirs), MODULE)


@pytest.mark.parametrize(
    "value",
    [
        'CERT="-----BEGIN\nAAA\n-----END"\n',
        "CERT='-----BEGIN\nAAA\n-----END' # why\n",
        'export CERT="one \\" two\nB\n"\n',
        '# CERT="-----BEGIN\n# AAA\n# -----END"\n',
        "HOSTS=a,\\\nb\n",
        "Cert=`a\nb`\n",
    ],
)
def test_a_variable_of_several_lines_is_not_split(world: World, value: str) -> None:
    text = lines("A=1", "B=2")
    result = merge(world, ".env.example", text, ours=text + value, theirs=text + "ZED=1\n")
    assert_conflict(world, result, ".env.example")
    assert value in world.read(".env.example")


def test_a_variable_with_closed_quotes_is_merged(world: World) -> None:
    text = lines("A=1", "B=2")
    mine = 'NAME="it\'s" # it\'s mine\nOTHER=it\'s\nJSON={"a": 1}\n'
    result = merge(world, ".env.example", text, ours=text + mine, theirs=text + "ZED=1\n")
    assert not result.report.conflicts
    assert world.read(".env.example") == text + mine + "ZED=1\n"


@pytest.mark.parametrize("statement", ['os.environ["S"] = "1"\n', "if True:\n    os.nice(0)\n", "A = 1; import b\n"])
def test_an_import_is_not_moved_across_a_statement(world: World, statement: str) -> None:
    text = 'import os\nimport aa\nimport bb\nimport cc\nimport zz\n__all__ = ["a"]\n'
    ours = changed(changed(text, "import os\n", f"import os\n{statement}"), '"a"', '"a", "u"')
    theirs = changed(changed(text, "import cc\n", "import cc\nimport dd\n"), '"a"', '"a", "t"')
    assert not merge(world, MODULE, text, ours=ours, theirs=theirs).report.conflicts
    both = changed(changed(ours, "import cc\n", "import cc\nimport dd\n"), '"a", "u"', '"a", "t", "u"')
    assert world.read(MODULE) == both


def test_a_new_statement_between_imports_keeps_their_conflict(world: World) -> None:
    text = "import os\nimport aa\nimport bb\n"
    ours = changed(text, "import aa\n", 'import aa\nos.environ["S"] = "1"\nimport ab\n')
    theirs = changed(text, "import aa\n", "import aa\nimport ac\n")
    assert_conflict(world, merge(world, MODULE, text, ours=ours, theirs=theirs), MODULE)


def test_a_clean_merge_beside_a_conflict_is_unchanged(world: World) -> None:
    text = "import aa\nimport bb\nimport cc\nimport dd\n\nLIMIT = 1\n"
    ours = changed(changed(text, "import aa\n", "import aa\nimport zz\n"), "LIMIT = 1", "LIMIT = 2")
    theirs = changed(changed(text, "import dd\n", "import dd\nimport ee\n"), "LIMIT = 1", "LIMIT = 3")
    assert_conflict(world, merge(world, MODULE, text, ours=ours, theirs=theirs), MODULE)
    assert world.read(MODULE).startswith("import aa\nimport zz\nimport bb\nimport cc\nimport dd\nimport ee\n\n<<<<<<<")


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ('class Router:\n    lookup = ["m"]\n', ('"m"', '"m", "z"'), ('"m"', '"m", "t"')),
        ('def get_router():\n    lookup = ["m"]\n    return lookup\n', ('"m"', '"m", "z"'), ('"m"', '"m", "t"')),
        ('def get_router():\n    return ["m"]\n', ('"m"', '"m", "z"'), ('"m"', '"m", "t"')),
        ('class A:\n    __all__ = ["m"]\n', ('"m"', '"m", "z"'), ('"m"', '"m", "t"')),
        ('router.lookup = ["m"]\n', ('"m"', '"m", "z"'), ('"m"', '"m", "t"')),
        (
            "from .a import *\n",
            ("from .a import *\n", "from .a import *\nfrom .u import *\n"),
            ("from .a import *\n", "from .a import *\nfrom .t import *\n"),
        ),
        (
            "from .a import a\n",
            ("from .a import a\n", "from .a import a\nfrom .u import *\n"),
            ("from .a import a\n", "from .a import a\nfrom .t import t\n"),
        ),
    ],
    ids=["class", "function", "returned", "class with __all__", "attribute", "star imports", "one star import"],
)
def test_additions_whose_order_may_matter_are_a_conflict(
    world: World, text: str, ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    assert_conflict(world, merge(world, MODULE, text, ours=ours, theirs=theirs), MODULE)


def test_a_comment_at_the_end_of_a_table_stays_in_it(world: World) -> None:
    text = '[project]\nname = "x"\nversion = "1"\n\n[tool.a]\nk = 1\n\n[tool.b]\nz = 1\n'
    comment = '# readme = "README.md"   # off until written\n'
    ours = changed(text, 'version = "1"\n', f'version = "1"\n{comment}') + "q = 2\n"
    theirs = changed(text, 'version = "1"\n', 'version = "1"\nlicense = "MIT"\n\n[tool.aa]\nk = 1\n') + "r = 2\n"
    assert not merge(world, "pyproject.toml", text, ours=ours, theirs=theirs).report.conflicts
    merged = world.read("pyproject.toml")
    assert comment in merged.partition("[tool.aa]")[0]
    assert merged == changed(theirs, 'license = "MIT"\n', f'license = "MIT"\n{comment}').replace(
        "r = 2", "q = 2\nr = 2"
    )
