"""QuestDB refuses a formula of demo data.

A `Demo` gives each column an SQL expression, from which the server makes up the rows. The finding names the table, the
column (or the step, or `exists`) and the line in the spec. The query of an `Outage` is proved, too. What reads such
a table is not run; the other queries are.

```python
columns = {"host": "concat('host-', i)", "n": "t % hundred"}  # columns.n: Invalid column: hundred
```

An expression may use `at`, `t`, `i` and the steps before it; a parameter stands in braces, `{hosts}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import DemoFault, Rule, RuleMatch


def check(fault: DemoFault) -> Iterator[RuleMatch]:
    if fault.what == "refused":
        yield RuleMatch(fault.problem.message, fault.problem.hint, owner=fault.problem, path=fault.problem.path)


RULE = Rule("DG706", "refused-demo", "error", "demo", check)
