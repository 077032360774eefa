"""Dashboards of others: their forms, and the way of each to a classic one of schema version 42, as Grafana goes it.

Functions of JSON, without dashgen's model. Grafana's sources were read for what they do; no code is theirs.
"""
