"""Dashboards, panels, queries, variables, links."""
