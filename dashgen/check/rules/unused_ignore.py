"""An ignore keeps nothing back.

`ignore=(Ignore("DG304", reason="…"),)` beside a query keeps findings of one rule to itself. When the query no longer
has such a finding, the ignore would hide the next one that does not deserve it.

```python
Query("SELECT host FROM daemon_metrics LIMIT 10", ignore=(Ignore("DG302", reason="few hosts"),))  # has a LIMIT
```

Remove it. It is not reported where its rule was not run (`--select`, or rules that need `--against`), nor of rules
that need `--run`: what the demo data show depends on the hour.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Unused


def check(unused: Unused) -> Iterator[RuleMatch]:
    code = unused.ignore.code
    if code in unused.known:
        yield RuleMatch(f"the ignore of {code} keeps nothing back", "remove it")
    else:
        yield RuleMatch(f"there is no rule {code} to ignore", "dashgen check --list-rules shows them")


RULE = Rule("DG001", "unused-ignore", "warning", "ignores", check)
