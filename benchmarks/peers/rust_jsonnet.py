"""Jsonnet with a small library of panels (dashboards.libsonnet), by jrsonnet, the implementation in Rust."""

from __future__ import annotations

from pathlib import Path

from rjsonnet import evaluate_file

from benchmarks.peers.shape import PANELS, main

SOURCE = str(Path(__file__).with_name("dashboards.jsonnet"))


def text(number: int) -> str:
    return str(evaluate_file(SOURCE, tla_codes={"dashboard": str(number), "panels": str(PANELS)}))


if __name__ == "__main__":
    main(text)
