"""Checks for expressions of demo data that QuestDB or the table's declaration refuses.

A `Demo` gives each column an SQL expression, from which the server generates the rows. The finding names the table, the
column (or the step, or `exists`) and the line of the spec. The query of an `Outage` is checked, too. Values at up to
500 moments of a day are compared with the column's bounds, choices and length, NULL with a column that is never null.

## Why is this bad?

Where QuestDB refuses an expression, the table gets no rows: the queries that read it are not run. The other queries
are. A value that no writer could write shows dashboards and alert rules what never happens.

## Example

```python
columns = {"host": "concat('host-', i)", "n": "t % hundred"}  # columns.n: Invalid column: hundred
```

## Use instead

An expression may use `at`, `t`, `i` and the steps before it; a parameter is written in braces, `{hosts}`.

```python
columns = {"host": "concat('host-', i)", "n": "t % 100"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import DemoFault, Rule, RuleMatch


def check(fault: DemoFault) -> Iterator[RuleMatch]:
    if fault.what == "refused":
        yield RuleMatch(fault.problem.message, fault.problem.hint, owner=fault.problem, path=fault.problem.path)


RULE = Rule("DG706", "refused-demo", "error", "demo", check)
