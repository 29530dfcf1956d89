"""Names that a project must not have, because something it needs has them already."""

import keyword
import sys

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)

# Commands beside which, in `.venv/bin`, the project's own command would stand.
COMMANDS = frozenset(
    {
        "activate",
        "copier",
        "copperplate",
        "deactivate",
        "git",
        "pip",
        "pip3",
        "python",
        "python3",
        "uv",
        "uvx",
        "wheel",
    }
)

KEYWORDS = frozenset(word.lower() for word in (*keyword.kwlist, *keyword.softkwlist))

# The module names of the Python that runs this, and those that other supported Pythons add or once had.
STANDARD_LIBRARY = frozenset(name.lower() for name in sys.stdlib_module_names) | {
    "annotationlib",
    "asynchat",
    "asyncore",
    "cgi",
    "compression",
    "crypt",
    "distutils",
    "imp",
    "pipes",
    "smtpd",
    "telnetlib",
}

# Folders of the project, and modules that tools put on the path.
FOLDERS = frozenset({"build", "conftest", "dist", "docs", "migrations", "setup", "src", "test", "tests"})

# Packages whose import name is not their distribution's name with underscores for hyphens.
IMPORTS = {
    "attrs": ("attr", "attrs"),
    "grpcio": ("grpc",),
    "opentelemetry-api": ("opentelemetry",),
    "protobuf": ("google",),
    "pygments": ("pygments",),
    "pyjwt": ("jwt",),
    "python-dateutil": ("dateutil",),
    "python-dotenv": ("dotenv",),
    "python-multipart": ("multipart", "python_multipart"),
    "pyyaml": ("yaml",),
    "typing-extensions": ("typing_extensions",),
}
