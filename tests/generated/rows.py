"""Which projects are rendered: a few that run everything they have, and many that are only looked at."""

from dataclasses import dataclass, field

from copperplate.manifest import Value
from tests.generated.pairs import pairwise

NOTHING: dict[str, Value] = {"example": False, "container": False, "ci": "none"}

HOSTILE_DOTENV = """\
DATABASE_URL=postgresql://nobody@127.0.0.1:1/nowhere
REDIS_URL=redis://127.0.0.1:1/0
SECRET_KEY=weak
LOG_LEVEL=nonsense
API_DOCS=maybe
"""


@dataclass(frozen=True)
class Row:
    """A project whose whole suite is run, by the interpreter `python`."""

    name: str
    python: str
    answers: dict[str, Value]
    files: dict[str, str] = field(default_factory=dict)
    """What the user has put there besides."""


FULL = (
    Row("everything", "3.12", {"ci": "github", "adr_language": "en", "author_name": "The Shop authors"}),
    Row("nothing", "3.13", NOTHING | {"adr_language": "nl"}, files={".env": HOSTILE_DOTENV}),
    Row("example-alone", "3.13", NOTHING | {"example": True, "python_version": "3.13"}),
    Row("container-alone", "3.12", NOTHING | {"container": True, "adr_language": "nl", "license": "proprietary"}),
    Row("github-alone", "3.12", NOTHING | {"ci": "github"}),
    Row("gitlab-alone", "3.13", NOTHING | {"ci": "gitlab", "adr_language": "nl", "author_email": "shop@example.org"}),
)

# Names of the shortest and the longest kind: a line that holds one must be formatted for every length.
PARAMETERS: dict[str, tuple[Value, ...]] = {
    "project_name": ("Acme Shop API", "A1", "Extraordinarily Long Names Of Backends X"),
    "description": ("An async API.", "Quotes \" ' and \\ and {{ 7 * 7 }}: # $(id) <b>", "Ça coûte 5 €"),
    "author_name": ("", "The Shop authors", "Çà d'Ünïcödé"),
    "author_email": ("", "shop@example.org"),
    "license": ("MIT", "Apache-2.0", "BSD-3-Clause", "proprietary"),
    "python_version": ("3.12", "3.13", "3.14"),
    "adr_language": ("en", "nl"),
    "example": (True, False),
    "container": (True, False),
    "ci": ("github", "gitlab", "none"),
}

PAIRWISE = pairwise(PARAMETERS)
