"""Grafana's reducer ids.

Generated; `make generated` writes it again."""

from __future__ import annotations

from typing import Literal, get_args

Reducer = Literal[
    "lastNotNull",
    "last",
    "firstNotNull",
    "first",
    "min",
    "max",
    "mean",
    "median",
    "variance",
    "stdDev",
    "sum",
    "count",
    "range",
    "delta",
    "step",
    "diff",
    "diffperc",
    "logmin",
    "allIsZero",
    "allIsNull",
    "changeCount",
    "distinctCount",
    "allValues",
    "uniqueValues",
    "p1",
    "p5",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
]

REDUCERS: frozenset[str] = frozenset(get_args(Reducer))
