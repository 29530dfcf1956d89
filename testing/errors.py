"""Errors of Copperplate by their attributes, for `pytest.raises`."""

from collections.abc import Callable


def with_fields(**expected: object) -> Callable[[Exception], bool]:
    """Return the `check` of `pytest.raises` for an error with these attributes. A tuple is equal to its list."""

    def check(error: Exception) -> bool:
        assert {name: _plain(getattr(error, name)) for name in expected} == expected
        return True

    return check


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
