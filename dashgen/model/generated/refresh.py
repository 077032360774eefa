"""Grafana's refresh intervals; "" is off. Written by `make generated`."""

from typing import Literal, TypeAlias, get_args

Refresh: TypeAlias = Literal[
    "",
    "5s",
    "10s",
    "30s",
    "1m",
    "5m",
    "15m",
    "30m",
    "1h",
    "2h",
    "1d",
]

REFRESH_INTERVALS: frozenset[str] = frozenset(get_args(Refresh))
