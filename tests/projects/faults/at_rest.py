"""Faults that are found without running the project."""

from tests.projects.faults.edits import added, appended, replaced
from tests.projects.faults.fault import Fault

AT_REST = (
    Fault(
        "a mark of the template that was not rendered",
        "parse",
        r"README\.md: holds a mark of the template",
        (appended("README.md", "\n# <% endif %>\n"),),
    ),
    Fault(
        "a YAML file that cannot be read",
        "parse",
        r"compose\.yaml: ",
        (replaced("compose.yaml", "\nservices:\n", "\nservices: [\n"),),
    ),
    Fault(
        "a TOML file that cannot be read",
        "parse",
        r"schemathesis\.toml: ",
        (replaced("schemathesis.toml", "expected-statuses = [401, 428]", "expected-statuses = 401, 428]"),),
    ),
    Fault(
        "an entry of YAML that replaces another one",
        "parse",
        r"compose\.yaml: 'redis' is there twice",
        (replaced("compose.yaml", "\n  redis:\n    image:", "\n  redis: {}\n  redis:\n    image:"),),
    ),
    Fault(
        "a Python file that cannot be read and that no test imports",
        "parse",
        r"docs/example\.py: ",
        (added("docs/example.py", "def unfinished(:\n"),),
    ),
    Fault(
        "a file without a newline at its end",
        "parse",
        r"docs/notes\.md: does not end with a newline",
        (added("docs/notes.md", "To be continued"),),
    ),
    Fault(
        "a file that git ignores",
        "parse",
        r"build/.*: git ignores it",
        (added("build/notes.md", "Nobody will get this.\n"),),
    ),
    Fault(
        "a dependency that the lock does not know",
        "lock",
        r"lockfile .* needs to be updated",
        (replaced("pyproject.toml", '  "structlog>=', '  "sniffio>=1.3",\n  "structlog>='),),
    ),
    Fault(
        "a package that is not where the build looks for it",
        "install",
        r"Expected a Python module at",
        (replaced("pyproject.toml", 'module-name = "shop"', 'module-name = "shoppe"'),),
    ),
    Fault(
        "a file that is not formatted",
        "format",
        r"src/shop/unformatted\.py",
        (added("src/shop/unformatted.py", "NAMES = ['one',\n    'two']\n"),),
    ),
    Fault(
        "an unformatted migration",
        "format",
        r"src/shop/migrations/versions/0001_initial\.py",
        (replaced("src/shop/migrations/versions/0001_initial.py", "def downgrade", "\ndef downgrade"),),
    ),
    Fault(
        "imports in disorder",
        "lint",
        r"I001",
        (replaced("src/shop/features.py", "from functools import cache\n\nfrom", "from functools import cache\nfrom"),),
    ),
    Fault(
        "a lint error in a test",
        "lint",
        r"T201",
        (appended("tests/test_schemas.py", '\n\nprint("reached")\n'),),
    ),
    Fault(
        "a suppressed rule that would not have complained",
        "lint",
        r"RUF100",
        (added("src/shop/suppressed.py", "ANSWER = 42  # noqa: T201\n"),),
    ),
    Fault(
        "a wrong type",
        "types",
        r"src/shop/mistyped\.py:.*return-value",
        (added("src/shop/mistyped.py", 'def answer() -> int:\n    return "42"\n'),),
        reporter="mypy",
    ),
    Fault(
        "a wrong type in a test",
        "types",
        r"tests/mistyped\.py:.*arg-type",
        (added("tests/mistyped.py", "from shop import metadata\n\nabs(metadata.TITLE)\n"),),
        reporter="mypy",
    ),
    Fault(
        "a function without types",
        "types",
        r"src/shop/untyped\.py:.*no-untyped-def",
        (
            added(
                "src/shop/untyped.py",
                "from typing import Any\n\n\ndef same(thing) -> Any:  # noqa: ANN001, ANN401\n    return thing\n",
            ),
        ),
        reporter="mypy",
    ),
    Fault(
        "a type error ignored where there is none",
        "types",
        r"src/shop/ignored\.py:.*unused-ignore",
        (added("src/shop/ignored.py", "ANSWER = 42  # type: ignore[assignment]\n"),),
        reporter="mypy",
    ),
    Fault(
        "a missing dependency that the environment still holds from another set of options",
        "types",
        r'module named "limits"',
        (replaced("pyproject.toml", '  "limits>=', '  # "limits>='),),
        relocked=True,
    ),
)
