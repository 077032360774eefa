"""Where a server is, and who asks: a URL taken apart, so that no message can show the password."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


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

    Raises ValueError for anything else, with what is left of the text without its credentials.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port or 0, parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in _PORTS or parts.query or parts.fragment:
        shown = "…@" + url.rpartition("@")[2] if "@" in url else url
        raise ValueError(f"expected a URL such as http://localhost:9000, got {shown!r}")
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
