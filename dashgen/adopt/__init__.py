"""What exists already as specs: dashboards as Grafana gives them become objects of the model, and those become source.

A kind of source is one module with a class as `source_kind.SourceKind` describes it; `sources.KINDS` lists them.
"""
