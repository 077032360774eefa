"""QuestDB refuses a declared table or view.

The statements that `dashgen ddl` writes are run on the server before any query is looked at. A refused table fails at
deployment, and every query of it with it; those are not reported one by one.

```python
MaterializedView(name="by_minute", sql="SELECT timestamp, sum(n) AS n FROM t SAMPLE BY 1m FILL(0)", …)
# FILL on base table is not supported for materialized views
```

A view needs a SAMPLE BY over the table's designated timestamp, no FILL, no window function, no join with itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import NotCreated, Rule, RuleMatch


def check(wrong: NotCreated) -> Iterator[RuleMatch]:
    near = ""
    if wrong.position is not None:
        text = " ".join(wrong.sql[wrong.position : wrong.position + 60].split())
        near = f"at: {text}" if text else "at the end of its statement"
    yield RuleMatch(f"QuestDB refuses to create it: {wrong.message}", near, owner=wrong.table, path=wrong.name)


RULE = Rule("DG103", "refused-declaration", "error", "created", check)
