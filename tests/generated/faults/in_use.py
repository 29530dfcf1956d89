"""Faults that are seen only when the project runs."""

from tests.generated.faults.edits import added, appended, replaced
from tests.generated.faults.fault import Fault

COVERAGE = Fault(
    "code that no test reaches",
    "tests",
    r"Required test coverage of 95\.0% not reached",
    (added("src/shop/unreached.py", "".join(f"ANSWER_{number} = {number}\n" for number in range(200))),),
)

TESTED = (
    Fault(
        "a test that fails",
        "tests",
        r"1 failed",
        (appended("tests/test_schemas.py", "\n\ndef test_nothing_is_something() -> None:\n    assert not Asked(name=\"tea\").name\n"),),
        tests=("tests/test_schemas.py",),
    ),
    Fault(
        "a module that imports from a layer above it",
        "tests",
        r"shop\.errors -> shop\.settings|BROKEN",
        (added("src/shop/db/upwards.py", "from ..features import metadata\n\nTABLES = metadata.tables\n"),),
        tests=("tests/test_architecture.py",),
    ),
    Fault(
        "a program of development that production imports",
        "tests",
        r"httpx2",
        (added("src/shop/redis/hidden.py", "import httpx2\n\nCLIENT = httpx2.AsyncClient\n"),),
        tests=("tests/test_architecture.py",),
    ),
    Fault(
        "a deprecated call",
        "tests",
        r"DeprecationWarning: use something else",
        (
            appended("src/shop/about.py", '\n\nwarnings.warn("use something else", DeprecationWarning, stacklevel=1)\n'),
            replaced("src/shop/about.py", "from importlib", "import warnings\nfrom importlib"),
        ),
        tests=("tests/test_pagination.py",),
    ),
    Fault(
        "a secret that is weak unless another one is set",
        "tests",
        r"DID NOT RAISE",
        (replaced("src/shop/settings.py", 'validate_default=True)] = SecretStr("")', ')] = SecretStr("change-me")'),),
        tests=("tests/test_settings.py",),
    ),
    Fault(
        "a connection that is never given back",
        "tests",
        r"QueuePool limit|TimeoutError",
        (replaced("src/shop/db/reader.py", "            await greenlet_spawn(borrowed.close)", "            await greenlet_spawn(borrowed.cursor)"),),
        tests=("tests/db/test_reader.py",),
    ),
    Fault(
        "a session that is never closed",
        "tests",
        r"non-checked-in connection",
        (replaced("src/shop/db/session.py", "    async with state_of(request).sessions() as session, session.begin():\n        yield session", "    session = state_of(request).sessions()\n    await session.begin()\n    yield session\n    await session.flush()"),),
        tests=("tests/db/test_session.py",),
    ),
    Fault(
        "a write that is never committed",
        "tests",
        r"assert 0 == 1",
        (),
        tests=("tests/db/test_session.py",),
    ),
    Fault(
        "a route that answers 500",
        "tests",
        r"GET /health/broken",
        (appended("src/shop/health/router.py", '\n\n@router.get("/broken")\nasync def broken() -> Liveness:\n    raise LookupError("a fault")\n'),),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "an answer that is not what its description says",
        "tests",
        r"Response violates schema",
        (),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "a status that no description names",
        "tests",
        r"Undocumented HTTP status code",
        (),
        tests=("tests/test_contract.py",),
    ),
    Fault(
        "a server that does not end when it is told to",
        "tests",
        r"TimeoutError",
        (),
        tests=("tests/test_serving.py",),
    ),
)

SERVED = ()
