"""All of a variable is compared as if it were a value: with All chosen, the panel shows nothing.

Where a variable has All, dashgen gives it one text, `'__all'`, instead of the list of all values: a comparison with it
folds away (0.6 ms against 91 ms for 200 symbols over 62 million rows, measured on QuestDB 9.3.4), and a query does not
grow with the list. No row has that text. So `host IN (${host:sqlstring})` is `host IN ('__all')`: the dashboard opens
empty, since All is what it opens with. `NOT IN` leaves out nothing instead of everything.

```sql
WHERE host IN (${host:sqlstring})
WHERE ('__all' IN (${env:sqlstring}) OR host IN (${host:sqlstring}))
```

Write `('__all' IN (${host:sqlstring}) OR host IN (${host:sqlstring}))`, which asks the same variable; of a declared
variable `HOST.matches("host")` writes it. In the result, write `${host:text}`, which is `All`. `$__conditionalAll(…,
$host)` of the QuestDB plugin leaves the condition out where All is chosen.

Each variable is looked at with All, and the others that have All with it and with one value. What a comparison is with
All and with a row's own value is told from its form, or by running both on a server (not with `--offline`).
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
        return "leave All out (include_all=False) where values are taken away, or ask for it in a condition of its own"
    guard = f"'__all' IN (${{{name}:sqlstring}})"
    if fault.cases:
        return f"a guard asks the variable that it guards: {guard} OR …"
    return f"write ({guard} OR …), as matches() of a declared variable does"


RULE = Rule("DG320", "all-without-guard", "error", "choices", check)
