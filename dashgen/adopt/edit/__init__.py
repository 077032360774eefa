"""A dashboard that was changed in Grafana, brought back into the spec that it comes from.

`changes` says what was changed in the words of the model, `spec_module` places it in the module's source, and
`dashboard_edit` proves that the specs then render what Grafana has.
"""
