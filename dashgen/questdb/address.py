"""Where a server is, and who asks: a URL taken apart, so that no message can show the password.

Every message that repeats an address that a user gave has it from `Address.url` or `shown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dashgen.questdb.errors import AddressError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.:%-]+")
_PATH = re.compile(r"[\w./~%-]*")
_SHOWN = re.compile(
    r"(?P<scheme>[a-z]+://)?(?P<host>\[[0-9a-f:.]+\]|[\w.-]*)(?P<port>:\w*)?(?P<path>/[\w./~-]*)?", re.IGNORECASE
)
_LOGIN = re.compile(
    r"(?:[a-z][a-z0-9+.:-]*:)?/{1,2}.*[@?#;,]"  # an address with more than a host and a path
    r"|[^\s/:@]+:[^@]+@"
    r"|.*(?:passw|passfile|pwd|secret|token)[\w%]*\s*=",
    re.IGNORECASE | re.DOTALL,
)
_CREDENTIALS = ("password", "sslpassword", "passfile", "oauth_client_secret")
"""What libpq takes as such (its documentation, section "Parameter Key Words")."""


@dataclass(frozen=True, slots=True)
class Address:
    """`url` has no credentials in it: it is what may be shown."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def address(url: str, *, user: str | None = None, password: str | None = None) -> Address:
    """Of `http://localhost:9000`, with `user:password@` before the host (percent-encoded) or given beside it.

    Raises AddressError for anything else, with what is left of the text without its credentials.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port or 0, parts.hostname or ""
    except ValueError:
        host = ""
    sound = _HOST.fullmatch(host) and parts.scheme in _PORTS and _PATH.fullmatch(parts.path)
    if not sound or parts.query or parts.fragment:
        raise AddressError(f"expected a URL such as http://localhost:9000, got {shown(url)!r}")
    at = f"[{host}]" if ":" in host else host
    at = f"{at}:{port}" if parts.port else at
    path = parts.path.rstrip("/")
    return Address(
        f"{parts.scheme}://{at}{path}",
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        path,
        unquote(parts.username) if parts.username else user,
        unquote(parts.password) if parts.password else password,
    )


def pg_dsn(url: str, *, user: str | None = None, password: str | None = None) -> str:
    """What psycopg connects with, of `postgresql://localhost:8812/qdb`; a login given beside the URL goes first.

    Raises AddressError as `address` does, MissingExtraError without psycopg.
    """
    from dashgen.questdb.extras import from_extra

    with from_extra("questdb"):
        from psycopg import ProgrammingError
        from psycopg.conninfo import make_conninfo

    try:
        return make_conninfo(url, **{name: given for name, given in (("user", user), ("password", password)) if given})
    except ProgrammingError:  # its text may hold the password
        message = f"expected a URL such as postgresql://localhost:8812/qdb, got {shown(url)!r}"
    raise AddressError(message)


def without_credentials(text: str, dsn: str) -> str:
    """What libpq says of a connection, with what may be a password taken out."""
    from dashgen.questdb.extras import from_extra

    with from_extra("questdb"):
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(dsn)
    except ProgrammingError:
        return "the address can't be read"
    for name in _CREDENTIALS:
        if secret := given.get(name):
            text = text.replace(str(secret), "…")
    return text


def without_logins(message: str, arguments: Iterable[str]) -> str:
    """A message that may repeat an argument, which is an address in the place of something else, such as a path:
    those that may hold a login are said as `shown` says them, however the message spells them.
    """
    for argument in arguments:
        given = argument.partition("=")[2] if argument.startswith("--") else argument
        if not _LOGIN.match(given):
            continue
        name = Path(given).name  # of `https://me:secret@host/x` it is a word that says nothing of the login
        written = (given, str(Path(given)), *((name,) if re.search(r"[@=#?;]", name) else ()))
        for spelled in sorted({*written, *(repr(one)[1:-1] for one in written)} - {""}, key=len, reverse=True):
            message = message.replace(spelled, shown(given))
    return message


def is_pg(url: str) -> bool:
    return url.startswith(("postgresql://", "postgres://"))


def shown(url: str) -> str:
    """What may be said of an address that can't be read: scheme, host, port and path where nothing in the text could be
    a login instead, `…` for the rest. Where an `@` stands beside a query or a fragment, either may hold the password.
    """
    _, at, rest = url.rpartition("@")
    scheme = re.match(r"[a-z]+://", url, re.IGNORECASE)
    if at and re.search(r"[?#&=\s]", url):
        return (scheme[0] if scheme else "") + "…"
    matched = _SHOWN.match(rest)
    if matched is None:
        return "…"
    port = matched["port"] or ""
    if port.strip(":") and not port[1:].isdecimal():
        port = ":…"
    said = (matched["scheme"] or "") + matched["host"] + port + (matched["path"] or "")
    left = rest[matched.end() :]
    if "=" in left and left[0] not in "?#":
        return "…"  # a string of keywords
    return f"…@{said}" if at else said + ("…" if left else "")
