"""The same dashboards by each tool that writes Grafana's JSON: `python -m benchmarks.peers` compares them.

Each module here is one peer and can be run alone, and then does what a user of that tool does, from Python's start to
files on disk:

    python -m benchmarks.peers.dashgen_build 1000 /tmp/out

A dashboard has 20 panels, stats and time series in turn, each with a query, a unit, thresholds and a description.
"""
