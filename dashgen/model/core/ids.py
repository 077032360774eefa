"""Keys from titles and panel ids from keys, so that moving a panel changes no id: alerts, links and bookmarks point at
them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

_SPACE = 2**31 - 2


@lru_cache(maxsize=65536)
def slug(title: str) -> str:
    """A title as a key: lower case, runs of anything else than letters and digits as one '-'."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


@lru_cache(maxsize=65536)
def panel_id(key: str) -> int:
    """An id from 1 to 2³¹−2. Two keys of one dashboard that share one are an error of the project, not mended here:
    mending by position would move ids when panels move."""
    return 1 + int.from_bytes(sha256(key.encode()).digest()[:8]) % _SPACE
