"""Validation of answers: each function returns the answer, or raises `UnfitError` with what is wrong."""

import keyword
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

_JOINERS = frozenset("\u200c\u200d")  # zero-width (non-)joiner: emoji and some scripts need them
_REFUSED = {
    "Cc": "a control character",
    "Cf": "an invisible formatting character",
    "Cs": "a lone surrogate",
    "Co": "a private-use character",
    "Cn": "a character that Unicode has not assigned",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
# PEP 503: lower case, runs of separators as one hyphen.
_DISTRIBUTION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z][a-z0-9_]*")
# RFC 5322 dot-atom, at a host name of two labels or more.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+")
_MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3
_MIN_NAME, _MAX_NAME = 2, 40


class UnfitError(ValueError):
    """Raised for an invalid answer; the text is a sentence without its subject, which is the answer."""


def text(value: str, *, longest: int, required: bool = True) -> str:
    """Validate a text of one line."""
    if not value and required:
        raise UnfitError("is empty")
    if len(value) > longest:
        raise UnfitError(f"is longer than {longest} characters")
    if value != value.strip():
        raise UnfitError("starts or ends with white space")
    for at, character in enumerate(value):
        what = _REFUSED.get(unicodedata.category(character))
        if what and not (character in _JOINERS and 0 < at < len(value) - 1):
            raise UnfitError(f"has {what}, U+{ord(character):04X}, at position {at + 1}")
    return value


def distribution_name(value: str, *, locked: Collection[str]) -> str:
    """Validate a normalised package name (PEP 503), which is also the name of the project's command."""
    _name_of_good_length(value)
    if not _DISTRIBUTION.fullmatch(value):
        raise UnfitError("is not made of lower-case letters a-z, digits and single hyphens between them")
    if value in locked:
        raise UnfitError("is the name of a package that the project depends on")
    if value in COMMANDS | FOLDERS | STANDARD_LIBRARY:
        raise UnfitError("is the name of another command or module that the project uses")
    return value


def package_name(value: str, *, locked: Collection[str]) -> str:
    """Validate a name that can be imported and shadows no other module."""
    _name_of_good_length(value)
    if not _PACKAGE.fullmatch(value):
        raise UnfitError("is not made of lower-case letters a-z, digits and underscores, a letter first")
    if value in KEYWORDS:
        raise UnfitError("is a keyword of Python")
    if value in STANDARD_LIBRARY:
        raise UnfitError("is a module of Python's standard library")
    if value in FOLDERS:
        raise UnfitError("is the name of a folder or module that every project has")
    if any(value in IMPORTS.get(package, (package.replace("-", "_"),)) for package in locked):
        raise UnfitError("is the name of a package that the project imports")
    return value


def email(value: str) -> str:
    if value and (len(value) > _MAX_EMAIL or not _EMAIL.fullmatch(value)):
        raise UnfitError("is not an e-mail address such as ada@example.org")
    return value


def derived_distribution_name(project_name: str) -> str:
    """Derive a name as "cafe-api" from "Café API"; empty if no letter or digit of ASCII remains."""
    plain = unicodedata.normalize("NFKD", project_name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def derived_package_name(distribution_name: str) -> str:
    return distribution_name.replace("-", "_")


def derived_project_name(folder: str) -> str:
    """Derive a title as "Acme Shop" from "acme-shop"."""
    words = re.split(r"[-_.\s]+", folder.strip("-_. "))
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _name_of_good_length(value: str) -> None:
    if not _MIN_NAME <= len(value) <= _MAX_NAME:
        raise UnfitError(f"is not {_MIN_NAME} to {_MAX_NAME} characters long")
    if value in WINDOWS_DEVICES:
        raise UnfitError("is the name of a device on Windows")


# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)

# Other commands in `.venv/bin`, beside which the project's own command is installed.
COMMANDS = frozenset(
    {"activate", "copier", "copperplate", "deactivate", "git", "pip", "pip3", "python", "python3", "uv", "uvx", "wheel"}
)

KEYWORDS = frozenset(word.lower() for word in (*keyword.kwlist, *keyword.softkwlist))

# Module names of the running Python, and those that other supported Pythons add or have removed.
_ADDED = {"annotationlib", "compression"}
_REMOVED = {"asynchat", "asyncore", "cgi", "crypt", "distutils", "imp", "pipes", "smtpd", "telnetlib"}
STANDARD_LIBRARY = frozenset(name.lower() for name in sys.stdlib_module_names) | _ADDED | _REMOVED

# Folders of the project, and modules that tools add to the path.
FOLDERS = frozenset({"build", "conftest", "dist", "docs", "migrations", "setup", "src", "test", "tests"})

# Packages whose import name differs from the package name in more than hyphens.
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


def suggestion(name: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """Suggest the name most like `name`, itself or by its `synonyms` (in lower case), and list all names."""
    names = list(known)
    meant = _meant(name.lower().replace("-", "_")[:80], names, synonyms or {})
    return "".join(f"did you mean {match}? " for match in meant) + f"there are: {', '.join(names)}"


def _meant(word: str, names: list[str], synonyms: Mapping[str, str]) -> list[str]:
    if word in synonyms:
        return [synonyms[word]]
    near = get_close_matches(word, names, n=1)
    return near or [synonyms[match] for match in get_close_matches(word, synonyms, n=1)]
