"""Checks for alert rules that take a title which another rule of the base revision still has when Grafana applies the
files.

With `--base REV`. The build reports the same between the rendered tree and the next one; against a base it is found
over several builds. Grafana 12.4 and newer accept two rules with one title: their environments are not checked.

## Why is this bad?

Grafana applies the rules of a file one after the other. A Grafana with the base's files does not start with these.

## Example

```python
RULES = {"down": "Daemon down", "silent": "Daemon silent"}  # uids and titles in the base
RULES = {"down": "Daemon silent", "silent": "Daemon down"}
```

## Use instead

Publish in two steps, and give the rule another title in the first.

```python
RULES = {"down": "Daemon not running", "silent": "Daemon silent"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "taken":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG902", "taken-title", "error", "base", check)
