"""Checks for alert annotations that name a label which the query does not return.

The labels are the query's text columns. `$labels` has nothing else: neither the rule's own labels nor `env` and
`severity`.

## Why is this bad?

Whoever is on call reads "[no value] says nothing", and the link to the dashboard opens it for all hosts.

## Example

```python
AlertRule(query="SELECT host, age FROM …", summary="{{ $labels.hostname }} says nothing")
```

## Use instead

```python
AlertRule(query="SELECT host, age FROM …", summary="{{ $labels.host }} says nothing")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.column_fields import field_type
from dashgen.grafana.gotemplate.validation import labels
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.suggestions import nearest_or_all


def check(subject: Subject) -> Iterator[RuleMatch]:
    rule = subject.owner
    # all queries of a rule are described together; the first speaks for them
    if not isinstance(rule, AlertRule) or subject.query is not rule.queries[0]:
        return
    described = [one.columns for one in (subject, *subject.beside)]
    returned = {c.name for columns in described for c in columns or () if field_type(c, subject.plugin) == "string"}
    if None in described:
        return
    named = [(where, label) for where, text in rule.texts.items() for label in sorted(labels(text))]
    named += [("link_variables", name) for name in rule.link_variables]
    for where, label in named:
        if label not in returned:
            hint = nearest_or_all(label, returned, "its text columns:")
            yield RuleMatch(f"{where} names the label {label!r}, which the query does not return", hint)


RULE = Rule("DG508", "alert-label", "error", "columns", check)
