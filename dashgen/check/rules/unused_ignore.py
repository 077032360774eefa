"""Checks for an `Ignore` that suppresses no finding.

It is not reported where its rule was not run (`--select`, or rules that need `--against`), nor for rules that need
`--run`: what the demo data show depends on the time of day.

## Why is this bad?

The query no longer has the finding that the ignore was written for. The ignore stays, and suppresses the next finding
of that rule, which may be a real fault.

## Example

```python
Query("SELECT host FROM daemon_metrics LIMIT 10", ignore=(Ignore("DG302", reason="few hosts"),))  # no LATEST ON
```

## Use instead

```python
Query("SELECT host FROM daemon_metrics LIMIT 10")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Unused


def check(unused: Unused) -> Iterator[RuleMatch]:
    code = unused.ignore.code
    if code in unused.known:
        yield RuleMatch(f"the ignore of {code} suppresses nothing", "remove it")
    else:
        yield RuleMatch(f"there is no rule {code} to ignore", "dashgen check --list-rules shows them")


RULE = Rule("DG001", "unused-ignore", "warning", "ignores", check)
