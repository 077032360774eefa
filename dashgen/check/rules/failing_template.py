"""Checks for alert annotations whose template fails when Grafana executes it.

Each template is executed once with sample values, as the environment's Grafana executes it. A *label* with such a
template fails the build, because labels decide the notification policy.

## Why is this bad?

Grafana sends the text as it is written: whoever is on call reads `now {{ humanize $values.B }}`. A template that parses
can still fail: `$values.B` is a value with its labels, and functions for numbers need its `.Value`; field names are
case-sensitive (`.Value`, not `.value`); an `int` is not comparable with a `float`.

## Example

```python
AlertRule(query="SELECT host, …", summary="now {{ humanize $values.B }}")
```

## Use instead

```python
AlertRule(query="SELECT host, …", summary="now {{ humanize $values.B.Value }}")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.gotemplate.validation import failure, failure_hint
from dashgen.grafana.versions import semantics
from dashgen.model.core.display_path import display_path


def check(whole: Whole) -> Iterator[RuleMatch]:
    versions = {e.grafana: semantics(e.version).value_of_one_query for e in whole.project.environments}
    for group in whole.project.alerts:
        for rule in group.rules:
            letters = [rule.ref_id(step.ref_id) for step in rule.steps]
            for where, text in rule.texts.items():
                for grafana, number in versions.items():
                    if reason := failure(text, letters, number=number):
                        yield RuleMatch(
                            f"{where}: Grafana {grafana} shows {text!r} as it is written: {reason}",
                            failure_hint(text),
                            owner=rule,
                            path=display_path("alerts", group.name, rule.uid),
                        )
                        break


RULE = Rule("DG512", "failing-template", "error", "project", check)
