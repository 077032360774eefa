"""Jsonnet with a small library of panels (dashboards.libsonnet), by Google's Go implementation."""

from __future__ import annotations

from pathlib import Path

from _gojsonnet import evaluate_file  # the wheel's only module

from benchmarks.peers.shape import PANELS, main

SOURCE = str(Path(__file__).with_name("dashboards.jsonnet"))


def text(number: int) -> str:
    return str(evaluate_file(SOURCE, tla_codes={"dashboard": str(number), "panels": str(PANELS)}))


if __name__ == "__main__":
    main(text)
