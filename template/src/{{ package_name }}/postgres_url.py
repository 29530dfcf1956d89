"""URL of a PostgreSQL database, in the forms of libpq, hosting providers and SQLAlchemy.

asyncpg reads most of libpq's form (PostgreSQL's manual, section 32.1.1.2). It sends every other option to the server as
a setting, and the server then refuses every connection. So such options are reported here, before anything starts.
"""

import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

KNOWN = {
    *("application_name", "dbname", "gsslib", "host", "krbsrvname", "options", "passfile", "password"),
    *("port", "search_path", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation", "sslpassword"),
    *("sslrootcert", "ssl_max_protocol_version", "ssl_min_protocol_version", "target_session_attrs", "user"),
}
"""Options that asyncpg, or the server itself, understands."""

WITHOUT_EFFECT = {
    *("client_encoding", "fallback_application_name", "gssencmode", "keepalives", "keepalives_count"),
    *("keepalives_idle", "keepalives_interval", "sslcompression", "tcp_user_timeout"),
}
"""Options of libpq for things that asyncpg does in its own way. They are left out."""

LAST_PORT = 65535

OURS = {
    "connect_timeout": "DATABASE_CONNECT_TIMEOUT",
    "pgbouncer": "DATABASE_TRANSACTION_POOLING",
    "pool_size": "DATABASE_POOL_SIZE",
    "pool_timeout": "DATABASE_POOL_TIMEOUT",
    "prepared_statement_cache_size": "DATABASE_TRANSACTION_POOLING",
    "statement_cache_size": "DATABASE_TRANSACTION_POOLING",
    "statement_timeout": "DATABASE_STATEMENT_TIMEOUT",
}
"""Options that are set by environment variables of this application."""

TLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "gsslib": ("gssapi", "sspi"),
    "ssl_max_protocol_version": TLS,
    "ssl_min_protocol_version": TLS,
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": ("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
}
SSL = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
"""Values of `ssl` that other libraries write, with those of `sslmode`."""

FILES = ("sslrootcert", "sslcert", "sslcrl", "sslkey", "passfile")
SYSTEM = "system"
"""Value of `sslrootcert` for the certificates that this machine trusts. `db.engine` reads it: asyncpg cannot."""

WHERE = {"dbname", "host", "password", "port", "user"}
SERVER = re.compile(r"(?P<host>\[.*\]|[^:]*)(:(?P<port>.*))?")

ROOT_CERTIFICATES = Path(".postgresql/root.crt")
"""Path in the home folder where libpq and asyncpg look if there is no `sslrootcert`."""


def translate(url: object) -> str:
    """Return the URL with the options that asyncpg knows.

    Raises `ValueError`. Its text says what is wrong, and has no value of the URL: there may be a password in it.
    """
    try:
        parts = urlsplit(str(url))
    except ValueError:  # its text repeats a part of the URL
        raise ValueError("has a character that must be written otherwise: [ as %5B, ] as %5D") from None
    scheme, plus, driver = parts.scheme.partition("+")
    if scheme not in {"postgres", "postgresql"}:
        raise ValueError("is not the address of a PostgreSQL database: postgresql://user:password@host:5432/name")
    if parts.fragment or "@" in parts.path + parts.query:
        raise ValueError("has a character that must be written otherwise: @ as %40, / as %2F, ? as %3F, # as %23")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "database" in options:
        options["dbname"] = options.pop("database")
    if "ssl" in options:  # SQLAlchemy's name
        mode = options.pop("ssl")
        options.setdefault("sslmode", SSL.get(mode.lower(), mode))
    if options.pop("channel_binding", "") == "require":
        # It proves that nobody is in between. asyncpg cannot do it; a verified certificate proves the same.
        options = {"sslrootcert": SYSTEM, **options, "sslmode": "verify-full"}
    if options.get("sslrootcert") == SYSTEM:
        options["sslmode"] = "verify-full"  # as in libpq: anybody can get a certificate from such an authority
    options = {name: value for name, value in options.items() if name not in WITHOUT_EFFECT}
    _check(options)
    netloc, path = parts.netloc, parts.path
    if netloc.endswith("@") or WHERE & options.keys():
        # In libpq these options win over the same part of the URL. asyncpg would ignore them.
        options = {**_where(netloc), **({"dbname": unquote(path[1:])} if path[1:] else {}), **options}
        netloc = path = ""
    _check_ports(options)
    _check_hosts((_where(netloc) | options).get("host", ""))
    return f"postgresql{plus}{driver}://{netloc}{path}" + (f"?{urlencode(options)}" if options else "")


def for_libpq(url: str) -> tuple[str, str]:
    """Return a translated URL for libpq, without its password, and the password: a command line is no secret."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    account, at, servers = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    password = options.pop("password", "") or unquote(password)
    if search_path := options.pop("search_path", ""):  # for asyncpg, every setting of the server is an option
        escaped = search_path.replace("\\", r"\\").replace(" ", r"\ ")
        options["options"] = f"{options.get('options', '')} -c search_path={escaped}".strip()
    query = urlencode(options, quote_via=quote)  # libpq reads no + as a space
    return f"postgresql://{user}{at}{servers}{parts.path}" + (f"?{query}" if query else ""), password


def with_database(url: str, name: str) -> str:
    """Return the URL of another database on the same servers."""
    parts = urlsplit(url)
    options = {option: value for option, value in parse_qsl(parts.query) if option != "dbname"}
    return translate(f"{parts.scheme}://{parts.netloc}/{quote(name)}?{urlencode(options)}")


def _where(netloc: str) -> dict[str, str]:
    """Return the user and the servers of a URL as options."""
    account, _, servers = netloc.rpartition("@")
    user, _, password = map(unquote, account.partition(":"))
    found = [SERVER.fullmatch(server) for server in servers.split(",")]
    hosts, ports = ([match[part] or "" for match in found if match] for part in ("host", "port"))
    options = {
        "user": user,
        "password": password,
        "host": unquote(",".join(hosts)),
        "port": ",".join(port or "5432" for port in ports) if any(ports) else "",
    }
    return {name: value for name, value in options.items() if value}


def _check_ports(options: dict[str, str]) -> None:
    ports = options.get("port", "5432").split(",")
    if not all(port.isascii() and port.isdecimal() and 0 < int(port) <= LAST_PORT for port in ports):
        raise ValueError(f"has a wrong port: it is a number from 1 to {LAST_PORT}")
    if len(ports) not in {1, len(options.get("host", "").split(","))}:
        raise ValueError("has a wrong port: there is one for each host, or one for all")


def _check_hosts(hosts: str) -> None:
    for host in hosts.split(","):
        try:
            host.encode("idna")  # as when it is looked up
        except UnicodeError:
            if not host.startswith("/"):
                raise ValueError("has a wrong host: a part between two dots is empty or too long") from None


def _check(options: dict[str, str]) -> None:
    for name, value in options.items():
        if name in OURS:
            raise ValueError(f"cannot have the option {name}: set {OURS[name]} instead")
        if name not in KNOWN:
            raise ValueError(f"has an option that asyncpg does not know: {name}")
        if value not in CHOICES.get(name, (value,)):
            raise ValueError(f"has a wrong {name}: it is one of {', '.join(CHOICES[name])}")
        if name in FILES and value != SYSTEM and not Path(value).is_file():
            raise ValueError(f"names a file that is not there: {name}")
    verified = options.get("sslmode", "").startswith("verify-")
    if options.get("sslnegotiation") == "direct" and not (verified or options.get("sslmode") == "require"):
        raise ValueError("has sslnegotiation=direct, so it needs an sslmode that requires TLS")
    if verified and "sslrootcert" not in options and not _has_certificates():
        raise ValueError("has an sslmode that verifies the server, so it needs sslrootcert: a file of certificates")


def _has_certificates() -> bool:
    try:
        return (Path.home() / ROOT_CERTIFICATES).is_file()
    except RuntimeError:  # an account without a home folder, as in some containers
        return False
