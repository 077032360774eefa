"""Checks for conditions that compare the value of All as if it were a value of the column.

Each variable is tried with All, and the other variables that have All are tried with All and with one value. Whether a
condition holds is read from its form, or by running it on a server (not with `--offline`).

## Why is this bad?

Where a variable has All, dashgen renders the one value `'__all'` for it, not the list of all values: a comparison with
a constant folds away (0.6 ms against 91 ms for 200 symbols over 62 million rows, measured on QuestDB 9.3.4), and the
query does not grow with the list. No row has that value. `host IN (${host:sqlstring})` becomes `host IN ('__all')`, and
the dashboard, which opens with All, shows nothing. With `NOT IN`, nothing is excluded.

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE host IN (${host:sqlstring})
```

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE ('__all' IN (${env:sqlstring}) OR host IN (${host:sqlstring}))
```

## Use instead

`HOST.matches("host")` of a declared variable writes the guard. `$__conditionalAll(…, $host)` of the QuestDB plugin
leaves the condition out where All is chosen. To show the choice in the result, write `${host:text}`, which is `All`.

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE ('__all' IN (${host:sqlstring}) OR host IN (${host:sqlstring}))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.custom_all_value import CustomAllFault, faults
from dashgen.check.rule import Choosing, Rule, RuleMatch


def check(choosing: Choosing) -> Iterator[RuleMatch]:
    for fault in faults(choosing.subject, choosing.evaluate):
        yield RuleMatch(_message(fault), _hint(fault), fault.span)


def _message(fault: CustomAllFault) -> str:
    chosen = f"with All chosen in ${fault.name}" + "".join(f" and {case}" for case in fault.cases[1:])
    if fault.what == "shown":
        return f"{chosen}, the result has the text {fault.all_text}"
    if fault.what == "never":
        return f"{chosen}, this never holds: no row is left"
    left = "every row is left" if fault.kept == "all" else "no row is left"
    return f"{chosen}, this compares with the text {fault.all_text}, which no row has: {left}"


def _hint(fault: CustomAllFault) -> str:
    name = fault.name
    if fault.what == "shown":
        return f"${{{name}:text}} is All then"
    if fault.what == "never" or fault.kept == "all":
        return "remove All (include_all=False) where values are excluded, or test for it in a separate condition"
    guard = f"'__all' IN (${{{name}:sqlstring}})"
    if fault.cases:
        return f"a guard tests its own variable: {guard} OR …"
    return f"write ({guard} OR …), as matches() of a declared variable does"


RULE = Rule("DG320", "all-without-guard", "error", "choices", check)
