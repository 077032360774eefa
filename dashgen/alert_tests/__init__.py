"""Test files of alert rules, run over simulated time against a real QuestDB.

What is run is the rendered rule, evaluated by `dashgen.grafana.alerting`, so that what is tested is what is shipped.
"""
