"""Faults that the project's own tests find."""

from tests.projects.faults.edits import added, appended, replaced
from tests.projects.faults.fault import Fault

ROUTER = "src/shop/health/router.py"

COVERED = ("--cov=shop.etags", "tests/test_etags.py")
"""A part of the suite that reaches all of one module."""

UNITS = tuple(
    f"tests/{name}.py"
    for name in ("test_schemas", "test_startup", "db/test_reader", "test_lifespan", "db/test_session")
)
"""Parts of which each sees one of these faults: together, for to start takes longer than to run them."""

IN_TESTS = (
    Fault(
        "a test that fails",
        "tests",
        r"FAILED tests/test_schemas\.py::test_tea_has_no_name",
        (
            appended(
                "tests/test_schemas.py",
                '\n\ndef test_tea_has_no_name() -> None:\n    assert not Asked(name="tea").name\n',
            ),
        ),
        tests=UNITS,
    ),
    Fault(
        "a deprecated call",
        "tests",
        r"DeprecationWarning: use something else",
        (
            replaced(
                "src/shop/metadata.py", "import importlib.metadata\n", "import importlib.metadata\nimport warnings\n"
            ),
            appended(
                "src/shop/metadata.py", '\n\nwarnings.warn("use something else", DeprecationWarning, stacklevel=1)\n'
            ),
        ),
        tests=("tests/test_pagination.py",),
    ),
    Fault(
        "an import from a layer above",
        "tests",
        r"shop\.db\.upwards -> shop\.features",
        (added("src/shop/db/upwards.py", "from ..features import all_features\n\nFEATURES = all_features()\n"),),
        tests=("tests/test_architecture.py",),
    ),
    Fault(
        "a feature of the project's own that a module below uses",
        "tests",
        r"shop\.health imports shop\.orders",
        (
            added("src/shop/orders/__init__.py", ""),
            added("src/shop/orders/models.py", "NAMES = ()\n"),
            appended("src/shop/health/router.py", "\n\nfrom ..orders.models import NAMES  # noqa: E402, F401\n"),
        ),
        tests=("tests/test_architecture.py",),
    ),
    Fault(
        "a missing dependency that is there for development",
        "tests",
        r"hypothesis comes from .* which production does not install",
        (added("src/shop/docs_hidden.py", "import hypothesis\n\nEXAMPLES = hypothesis.strategies.text()\n"),),
        tests=("tests/test_architecture.py",),
    ),
    Fault(
        "a secret that is weak unless another one is set",
        "tests",
        r"test_all_that_is_missing_is_named_at_once",
        (
            replaced(
                "src/shop/settings.py",
                'Field(validate_default=True)] = SecretStr("")',
                'Field()] = SecretStr("change-me")',
            ),
        ),
        tests=UNITS,
    ),
    Fault(
        "a connection that is never given back",
        "tests",
        r"trying to clean up non-checked-in connection",
        (replaced("src/shop/db/reader.py", "self._borrowed.close()", "del self._borrowed"),),
        tests=UNITS,
    ),
    Fault(
        "a pool of connections that is not closed with the process",
        "tests",
        r"test_the_application_opens_what_it_needs_and_closes_it",
        (
            replaced(
                "src/shop/lifespan.py", '        stack.push_async_callback(_close, "database", engine.dispose)\n', ""
            ),
        ),
        tests=UNITS,
    ),
    Fault(
        "a write that is never committed",
        "tests",
        r"assert 0 == 1",
        (replaced("src/shop/db/transaction.py", ".sessions() as opened, opened.begin():", ".sessions() as opened:"),),
        tests=UNITS,
    ),
    Fault(
        "a route that answers 500",
        "tests",
        r"SUBFAILED\[GET /health/broken\]",
        (appended(ROUTER, '\n\n@router.get("/broken")\nasync def broken() -> Liveness:\n    raise LookupError\n'),),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "an answer that is not what its description says",
        "tests",
        r"SUBFAILED\[GET /health/untrue\]",
        (
            appended(
                ROUTER,
                '\n\n@router.get("/untrue", response_model=Liveness)\nasync def untrue() -> Response:\n'
                """    return Response('{"status": "sideways"}', media_type="application/json")\n""",
            ),
        ),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "a status that no description names",
        "tests",
        r"SUBFAILED\[GET /health/odd\]",
        (
            appended(
                ROUTER,
                '\n\n@router.get("/odd")\nasync def odd(response: Response) -> Liveness:\n'
                "    response.status_code = 418\n    return Liveness()\n",
            ),
        ),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "a server that does not end when it is told to",
        "tests",
        r"TimeoutError",
        (
            replaced("src/shop/serving.py", "from typing import Any\n", "import threading\nfrom typing import Any\n"),
            replaced(
                "src/shop/serving.py",
                "    server.run(",
                "    threading.Thread(target=threading.Event().wait).start()\n    server.run(",
            ),
        ),
        tests=("tests/test_serving.py",),
    ),
    Fault(
        "code that no test reaches",
        "tests",
        r"Required test coverage of 95\.0% not reached",
        (
            appended(
                "src/shop/etags.py",
                "\n\ndef unreached(number: int) -> int:\n" + "    number += 1\n" * 40 + "    return number\n",
            ),
        ),
        tests=COVERED,
    ),
    Fault(
        "a row that anybody may read",
        "isolation",
        r"GET /items/\{item_id\}: 200 for an identifier that is another user's",
        (
            replaced(
                "src/shop/items/repository.py",
                'BY_ID = Query(select(*COLUMNS).where(Item.id == bindparam("id"), owned(Item)))',
                'BY_ID = Query(select(*COLUMNS).where(Item.id == bindparam("id")))',
            ),
        ),
        reporter="isolation",
    ),
    Fault(
        "a list of everybody's rows",
        "isolation",
        r"GET /items: shows that another user has made something",
        (replaced("src/shop/items/repository.py", ".where(owned(Item), *(FILTERS[name]", ".where(*(FILTERS[name]"),),
        reporter="isolation",
    ),
    Fault(
        "a row that anybody may change",
        "isolation",
        r"DELETE /items/\{item_id\}: 204 for an identifier that is another user's",
        (
            replaced(
                "src/shop/items/repository.py",
                "session.get_owned(Item, item_id, for_update=True)",
                "session.get(Item, item_id, with_for_update=True)",
            ),
        ),
        reporter="isolation",
    ),
    Fault(
        "a cached value that forgets whose it is",
        "isolation",
        r"GET /items/summary: shows that another user has made something",
        (
            replaced(
                "src/shop/db/ownership.py", 'return str(owner) if owner else "all"', 'return str(owner)[:0] or "all"'
            ),
        ),
        reporter="isolation",
    ),
)
