"""Instants as Go writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1024)
def rfc3339(ns: int) -> str:
    """`time.RFC3339Nano` in UTC: as many digits after the point as the instant has, none if it has none."""
    seconds, rest = divmod(ns, 1_000_000_000)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09}".rstrip("0") + "Z" if rest else f"{text}Z"
