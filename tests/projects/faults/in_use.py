"""Faults that are found only in an application that is served as in production."""

from tests.projects.faults.edits import appended, replaced
from tests.projects.faults.fault import Fault

ROUTER = "src/shop/health/router.py"

IN_USE = (
    Fault(
        "a health check that fails once it is served",
        "boot",
        r"GET /health/live should answer 200, and answered 500",
        (
            replaced(ROUTER, "async def live() -> Liveness:", "async def live(request: Request) -> Liveness:"),
            replaced(
                ROUTER,
                'would not repair them."""\n',
                'would not repair them."""\n'
                '    if resources_of(request).settings.log.format == "json":\n        raise LookupError\n',
            ),
        ),
    ),
    Fault(
        "a process that outlives the server",
        "boot",
        r"a process that it had started has not",
        (
            replaced(
                "src/shop/serving.py", 'development uses as well."""\n\n', 'development uses as well."""\n\nimport os\n'
            ),
            replaced(
                "src/shop/serving.py",
                "    server.run(",
                '    os.posix_spawnp("sleep", ["sleep", "60"], os.environ)\n    server.run(',
            ),
        ),
    ),
    Fault(
        "a status that only production answers, and no description names",
        "contract",
        r"Undocumented status code[^$]*/health/strange",
        (
            appended(
                ROUTER,
                '\n\n@router.get("/strange")\nasync def strange(request: Request, response: Response) -> Liveness:\n'
                '    if resources_of(request).settings.environment == "production":\n'
                "        response.status_code = 418\n    return Liveness()\n",
            ),
        ),
    ),
)
