from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.questdb.address import address, pg_dsn, without_logins
from dashgen.questdb.describe import Describer
from dashgen.questdb.errors import ServerError


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
        ("http://host:port", "http://host:…"),
        ("htp://me:hunter2@host:9000", "…@host:9000"),
        ("http://me:hunter2@host:port", "…@host:…"),
        ("me:hunter2@host", "…@host"),
        ("http://host/?query=1", "http://host/…"),
        ("http://host:9000?password=hunter2", "http://host:9000…"),
        ("http://host#hunter2", "http://host…"),
        ("http://me:hunter2", "http://me:…"),
        ("http://me:x?hunter2@host", "http://…"),
        ("http://host?password=x@hunter2", "http://…"),
        ("http://host password=hunter2", "…"),
        ("http://host/;password=hunter2", "…"),
        ("host=h password=hunter2", "…"),
        ("password = 'hunter2' host=h", "…"),
        ("postgresql://h/qdb?user=a&password=hunter2", "postgresql://h/qdb…"),
    ],
)
def test_what_is_no_url_is_said_without_its_password(url: str, shown: str) -> None:
    with pytest.raises(ValueError, match="expected a URL such as") as caught:
        address(url)
    assert str(caught.value).endswith(f"got {shown!r}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/qdb?nope=hunter2",
        "postgresql://me:hunter2%zz@h/qdb",
        "postgresql://h/qdb?user=a&password=hunter2%zz",
        "postgresql://h/qdb?password=hunter2&nope=1",
        "postgresql://[h/qdb?password=hunter2",
        "postgresql://me:hunter2@[h",
    ],
)
def test_what_is_no_address_of_pg_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="expected a URL such as postgresql://localhost") as caught:
        pg_dsn(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:9/qdb",
        "postgresql://127.0.0.1:9/qdb?user=a&password=hunter2",
        "postgresql://127.0.0.1:9/qdb?password=hunter2&sslmode=hunter2",
        "postgresql://127.0.0.1:hunter2/qdb?password=hunter2",
        "host=127.0.0.1 port=9 password=hunter2",
    ],
)
def test_a_refused_connection_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ServerError, match="no connection for") as caught:
        Describer(pg_dsn(url))
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("https://me:hunter2@git.example/team/repo", "…@git.example/team/repo"),
        ("http:/me:hunter2@host:9000", "…@host:9000"),
        ("//me:hunter2@host", "…@host"),
        ("me:hunter2@host", "…@host"),
        ("https://hunter2@git.example/repo", "…@git.example/repo"),
        ("postgresql://h/qdb?password=hunter2", "postgresql://h/qdb…"),
        ("jdbc:postgresql://h/qdb?passw%6Frd=hunter2", "…"),
        ("http://h/#hunter2", "http://h/…"),
        ("http::addr=h:9000;username=u;token=hunter2;", "…"),
        ("host=h password = 'hunter2 it''s'", "…"),
        ("me:hun ter2\n@host", "…"),
        ("--base=http://me:hunter2@host", "…@host"),
    ],
)
def test_a_message_about_an_argument_has_no_login(argument: str, said: str) -> None:
    given = argument.removeprefix("--base=")
    for spelled in (given, repr(given), str(Path(given)), repr(str(Path(given))), str(Path.cwd() / given)):
        found = without_logins(f"there is no folder {spelled}, or {spelled}: No such file", ["diff", argument, "--x"])
        assert "ter2" not in found
        assert found.count(said) == 2


@pytest.mark.parametrize(
    "argument", ["tests/alerts/a.yaml", "v1.2@{1}", "main@{upstream}", "a = b", "--env=prod", "C:/x"]
)
def test_other_arguments_are_said_as_they_are(argument: str) -> None:
    assert without_logins(f"no {argument} here", [argument]) == f"no {argument} here"


def test_words_of_a_message_that_an_address_has_too_stay() -> None:
    said = without_logins("expected postgresql://localhost/qdb, got …", ["postgresql://me:hunter2@h/qdb"])
    assert said == "expected postgresql://localhost/qdb, got …"
    assert "ter2" not in without_logins("there is no file ter2@host", ["me:hun/ter2@host"])
