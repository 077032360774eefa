"""Checks for declared tables and views that QuestDB refuses.

The statements that `dashgen ddl` writes are run on the embedded server before any query is checked. Queries of a
refused table are not reported one by one.

## Why is this bad?

The table can't be created at deployment, and every query that reads it fails.

## Example

```python
MaterializedView(name="by_minute", sql="SELECT timestamp, sum(n) AS n FROM t SAMPLE BY 1m FILL(0)", …)
# FILL on base table is not supported for materialized views
```

## Use instead

A view needs a SAMPLE BY over the table's designated timestamp, no FILL, no window function, no join with itself.

```python
MaterializedView(name="by_minute", sql="SELECT timestamp, sum(n) AS n FROM t SAMPLE BY 1m", …)
```
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
