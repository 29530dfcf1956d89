"""Values for Pydantic's formats of strings. Schemathesis loads this file, as `schemathesis.toml` says.

Schemathesis sends all values that the standard of a format allows, and any text for an unknown format. Pydantic accepts
fewer: no address with a reserved domain, for example (https://docs.pydantic.dev/latest/api/networks/).
"""

import base64
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module

from hypothesis import strategies as st

address = st.from_regex(r"[a-z][a-z0-9]{0,9}@[a-z][a-z0-9]{0,9}\.(com|org)", fullmatch=True)
ipv4, ipv6 = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
naive = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01"))
moments = st.builds(lambda value, zone: value.replace(tzinfo=zone).isoformat(), naive, st.just(UTC) | zones)

FORMATS: dict[str, st.SearchStrategy[str]] = {
    "date": st.dates().map(str),
    "date-time": moments,
    "email": address,
    "name-email": address.map("Somebody <{}>".format),
    "ipvanyaddress": ipv4 | ipv6,
    "ipv4interface": ipv4,
    "ipv6interface": ipv6,
    "ipvanyinterface": ipv4 | ipv6,
    "ipv4network": ipv4,
    "ipv6network": ipv6,
    "ipvanynetwork": ipv4 | ipv6,
    "base64": st.text().map(lambda text: base64.b64encode(text.encode()).decode()),
    "base64url": st.text().map(lambda text: base64.urlsafe_b64encode(text.encode()).decode()),
    **{f"uuid{version}": st.uuids(version=version).map(str) for version in (1, 3, 4, 5)},
    "uuid7": st.uuids(version=4).map(lambda value: f"{str(value)[:14]}7{str(value)[15:]}"),
}

schemathesis = import_module("schemathesis")  # by name: mypy would read eight hundred modules
for name, values in FORMATS.items():
    schemathesis.openapi.format(name, values)
