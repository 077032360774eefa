from __future__ import annotations

import pytest

from dashgen.questdb.address import address


def test_credentials_are_kept_apart() -> None:
    found = address("https://me:p%40ss%2F@db.example:9443/questdb/")
    assert (found.url, found.host, found.port, found.path) == (
        "https://db.example:9443/questdb",
        "db.example",
        9443,
        "/questdb",
    )
    assert (found.user, found.password) == ("me", "p@ss/")
    assert "p@ss" not in repr(found)


def test_what_stands_beside_the_url_fills_the_gap() -> None:
    found = address("http://me@localhost", user="other", password="secret")
    assert (found.user, found.password, found.port) == ("me", "secret", 80)
    assert address("http://localhost").user is None


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:9000", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000", True),
        ("http://127.0.0.1.example.com", False),
        ("http://questdb:9000", False),
    ],
)
def test_whether_it_is_on_this_machine(url: str, loopback: bool) -> None:
    assert address(url).is_loopback is loopback


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("localhost", "localhost"),
        ("localhost:9000", "localhost:9000"),
        ("http://", "http://"),
        ("http://host:port", "http://host:port"),
        ("htp://me:hunter2@host:9000", "…@host:9000"),
        ("http://me:hunter2@host:port", "…@host:port"),
        ("me:hunter2@host", "…@host"),
        ("http://host/?query=1", "http://host/?query=1"),
    ],
)
def test_what_is_no_url_is_said_without_its_password(url: str, shown: str) -> None:
    with pytest.raises(ValueError, match="expected a URL such as") as caught:
        address(url)
    assert str(caught.value).endswith(f"got {shown!r}")
    assert "hunter2" not in str(caught.value)
