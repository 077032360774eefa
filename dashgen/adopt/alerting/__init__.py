"""Alerting as Grafana gives it: rules, contact points, policies, mute timings and templates as objects of the model.

`forms` brings every form to one, `canonical` says when two are the same, the others make objects of it.
"""
