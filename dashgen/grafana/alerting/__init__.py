"""Grafana's alerting: a rule is evaluated, its instances change their states, contact points hear of them.

A rule is the rendered one (Grafana's file provisioning). Facts are from timelines recorded with Grafana 9.4, 12.3 and
12.4 (tests/grafana/alerting/traces) and, for other versions, from its public source and documentation;
`dashgen.grafana.versions` says which version does what. Nothing here connects to a server: `queries.fetch` is given
what runs SQL.
"""
