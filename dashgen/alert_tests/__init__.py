"""Alert rules run over simulated time, as Grafana would evaluate them, against a real QuestDB.

What is run is the rendered rule (Grafana's file provisioning), so that what is tested is what is shipped. Facts
are from timelines recorded with Grafana 9.4, 12.3 and 12.4 (tests/alert_tests/traces) and, for other versions, from its
public source and documentation; `dashgen.grafana.versions` says which version does what.
"""
