"""What Grafana's SQL datasources do to a query and to its rows: macros, intervals, variables, frames.

One module a plugin. Versions that the facts were read from: Grafana 12.3, the QuestDB plugin 0.1.8 with
grafana-plugin-sdk-go 0.291 and sqlds 4.2.
"""
