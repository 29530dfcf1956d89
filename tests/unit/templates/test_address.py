import pytest

from copperplate.errors import InputError
from copperplate.templates import location


@pytest.mark.parametrize(
    ("text", "url", "tag", "source"),
    [
        ("https://example.org/t.git", "https://example.org/t.git", None, "git+https://example.org/t.git"),
        ("git+https://example.org/t", "https://example.org/t", None, "git+https://example.org/t"),
        ("https://example.org/t@1.2.0", "https://example.org/t", "1.2.0", "git+https://example.org/t"),
        (
            "ssh://git@example.org:2222/a/t",
            "ssh://git@example.org:2222/a/t",
            None,
            "git+ssh://git@example.org:2222/a/t",
        ),
        ("ssh://git@example.org/t@v1.0", "ssh://git@example.org/t", "v1.0", "git+ssh://git@example.org/t"),
        ("git@example.org:a/t.git", "git@example.org:a/t.git", None, "git@example.org:a/t.git"),
        ("git@example.org:a/t.git@1.0rc1", "git@example.org:a/t.git", "1.0rc1", "git@example.org:a/t.git"),
        ("file:///srv/t.git", "file:///srv/t.git", None, "git+file:///srv/t.git"),
    ],
)
def test_an_address_is_valid_for_git_and_for_copier(text: str, url: str, tag: str | None, source: str) -> None:
    assert location.is_address(text)
    found = location.parse(text)
    assert (found.url, found.tag, found.source) == (url, tag, source)
    assert location.parse(found.source).url == url


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c touch% /tmp/x",
        "copperplate::x",
        "http://example.org/t",
        "git://example.org/t",
        "ftp://example.org/t",
        "HTTPS+x://example.org/t",
        "git+ext::sh -c x",
        "https://user:secret@example.org/t",
        "https://token@example.org/t",
        "ssh://git:secret@example.org/t",
        "ssh://-oProxyCommand=x/t",
        "ssh://-oProxyCommand=x@example.org/t",
        "git@-oProxyCommand=x:t",
        "someone@example.org:t",
        "https://example.org",
        "https:///t",
        "https://example.org/t?x=1",
        "https://example.org/t\nx",
        "https://example.org/a t",
        "https://[::1/t",
    ],
)
def test_an_address_that_is_not_safe_is_refused(text: str) -> None:
    assert location.is_address(text)
    with pytest.raises(InputError) as refused:
        location.parse(text)
    assert "secret" not in refused.value.what
    assert "token" not in refused.value.what


@pytest.mark.parametrize("path", [".", "..", "templates/a", "/srv/t", "~/t", "a@1.0", "C", "-x", "--upload-pack=x"])
def test_a_path_is_not_an_address(path: str) -> None:
    assert not location.is_address(path)
