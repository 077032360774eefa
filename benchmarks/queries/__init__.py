"""How long the queries of the shipped dashboards take on 30 days of rows: docs/queries.md."""
