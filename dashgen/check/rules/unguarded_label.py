"""Checks for alert annotations that print a label or value of the query without a text for errors and no data.

## Why is this bad?

Where the query fails or returns no rows, Grafana sends an alert with the rule's own labels and none of the query's:
`DatasourceError` and `DatasourceNoData`, or the rule's name where `on_error` or `no_data` is `Alerting`. With the
database down, every rule does. Whoever is on call reads "[no value] % of the fetches of [no value] fail" and is told to
run `ssh [no value]`.

## Example

```python
AlertRule(query="SELECT host, …", summary="{{ $labels.host }} is silent")
```

## Use instead

`if_labels(text, otherwise)` writes `{{ if $labels.host }}…{{ else }}…{{ end }}`. Other conditions, such as `{{ with
$labels.host }}`, are accepted, too.

```python
AlertRule(query="SELECT host, …", summary=if_labels("{{ $labels.host }} is silent", "The hosts are not known"))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.fault_states import FAULTS, FIELDS, sent_labels
from dashgen.grafana.gotemplate.guards import unguarded
from dashgen.model.core.display_path import display_path


def check(whole: Whole) -> Iterator[RuleMatch]:
    for group in whole.project.alerts:
        for rule in group.rules:
            states = {FIELDS[fault]: getattr(rule, FIELDS[fault]) for fault in FAULTS}
            sent = [
                f"{FIELDS[fault]}={states[FIELDS[fault]]!r}"
                for fault in FAULTS
                if sent_labels(fault, states[FIELDS[fault]], rule.title) is not None
            ]
            printed = {where: found for where, text in rule.texts.items() if (found := unguarded(text))}
            if not sent or not printed:
                continue
            names = sorted({name for found in printed.values() for name in found})
            yield RuleMatch(
                f"{', '.join(printed)}: an error or no data ({' and '.join(sent)}) has no {' and no '.join(names)}, and"
                " reads [no value]",
                f'if_labels("…", "the text without labels"), or {{{{ if {names[0]} }}}}…{{{{ else }}}}…{{{{ end }}}}',
                owner=rule,
                path=display_path("alerts", group.name, rule.uid),
            )


RULE = Rule("DG511", "unguarded-label", "warning", "project", check)
