import os
import pwd
from pathlib import Path

import pytest

from copperplate.system import folders


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user has no name."""

    def unknown(_: int) -> pwd.struct_passwd:
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME", "COPPERPLATE_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    found = folders.cache("renderings")
    assert found == Path(os.devnull) / "renderings"
    with pytest.raises(NotADirectoryError):
        found.mkdir(parents=True, exist_ok=True)
