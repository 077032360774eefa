"""JSON Schemas for every kind of file that dashgen renders, closed where Grafana silently ignores unknown
keys.

The schemas are committed JSON; what a build loads is those and nothing of the SDK. `derive`, `classes`,
`patches` and `vocabulary` only run when the committed files are written again (`python -m
dashgen.schema.generate`).
"""
