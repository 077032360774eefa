"""Grafana's refresh intervals.

Generated; `make generated` writes it again."""

from __future__ import annotations

from typing import Literal, get_args

Refresh = Literal[
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

REFRESH: frozenset[str] = frozenset(get_args(Refresh))
