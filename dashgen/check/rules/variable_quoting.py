"""Checks for dashboard variables in SQL that don't have the format `sqlstring`.

## Why is this bad?

What Grafana inserts for a bare `$host` depends on the data source and on whether the variable is multi-value: quoted or
not, escaped or not. Measured: `IN (prod-server-01)` is "Invalid column: server"; `'$host'` breaks at a value with a
quote and reads `'a','b'` as one text; `${host:singlequote}` escapes with a backslash, which QuestDB answers with
"dangling literal".

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE host IN ($host) AND env = '$env'
```

## Use instead

`HOST.matches("host")` of a declared variable writes the condition. By hand, use `sqlstring`, which quotes and escapes
in every case. Where the variable has All, add the guard of DG320.

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE host IN (${host:sqlstring}) AND env = ${env:sqlstring}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.check.imported_variables import Theirs
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.dashboards.variable import (
    ALL_GUARD,
    Choice,
    ConstantVariable,
    CustomVariable,
    DatasourceVariable,
    IntervalVariable,
    RawVariable,
    Variable,
)
from dashgen.sql.lexer import Token, VariableRef, tokenize, variables

_COMPARING = frozenset({"=", "!=", "<>", "==", "like", "ilike", "~", "!~", "=~"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MOMENTS = frozenset({"now", "today", "yesterday", "tomorrow"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    found = variables(subject.sql)
    if not found:
        return
    declared: dict[str, Variable | Theirs] = {v.name: v for v in subject.theirs}
    ours = subject.dashboard.variables if subject.dashboard else ()
    declared |= {v.name: v for v in ours if not isinstance(v, RawVariable)}
    tokens = [t for t in tokenize(subject.sql) if t.kind not in ("space", "comment")]
    for ref in found:
        if ref.format == "sqlstring" or ref.name in _MOMENTS or _safe(declared.get(ref.name)):
            continue
        at = next((i for i, t in enumerate(tokens) if t.start <= ref.start < t.start + len(t.text)), None)
        if at is not None and (problem := _problem(tokens, at, ref)):
            name = ref.name
            hint = f"write ${{{name}:sqlstring}}, without quotes around it"
            if _has_all(declared.get(name)):
                hint += f", and a guard for All: ('__all' IN (${{{name}:sqlstring}}) OR …)"
            yield RuleMatch(problem, hint, (ref.start, ref.end))


def _has_all(variable: Variable | Theirs | None) -> bool:
    """Whether All is one text, for which a guard must ask."""
    if isinstance(variable, Theirs):
        return variable.include_all and variable.all_value == ALL_GUARD
    return isinstance(variable, Choice) and variable.include_all and variable.all_value == ALL_GUARD


def _safe(variable: Variable | Theirs | None) -> bool:
    """Variables whose values are no text of a comparison, or numbers."""
    if isinstance(variable, Theirs):
        numbers = variable.kind == "custom" and all(map(_NUMBER.fullmatch, variable.values))
        return numbers or variable.kind in ("interval", "constant", "datasource")
    if isinstance(variable, IntervalVariable | ConstantVariable | DatasourceVariable):
        return True
    return isinstance(variable, CustomVariable) and all(_NUMBER.fullmatch(value) for value in variable.values)


def _problem(tokens: list[Token], at: int, ref: VariableRef) -> str:
    if ref.format in ("singlequote", "doublequote"):
        return f"${{{ref.name}:{ref.format}}} escapes with a backslash, which QuestDB does not know"
    if not _compared(tokens, at):
        return ""
    if tokens[at].kind in ("string", "quoted"):
        return f"'${ref.name}' in quotes breaks at a value with a quote, and reads several values as one"
    if ref.format:
        return f"${{{ref.name}:{ref.format}}} is not quoted"
    return f"${ref.name} is quoted by some datasources and not by others"


def _compared(tokens: list[Token], at: int) -> bool:
    """Whether the token is an operand of a comparison, or in the list of an IN."""
    before = at - 1
    if before >= 0 and tokens[before].text.lower() in _COMPARING:
        return True
    if at + 1 < len(tokens) and tokens[at + 1].text.lower() in (*_COMPARING, "in", "not"):
        return True
    while before >= 0 and (tokens[before].text == "," or tokens[before].kind in ("string", "variable", "number")):
        before -= 1
    return before > 0 and tokens[before].text == "(" and tokens[before - 1].text.lower() == "in"


RULE = Rule("DG312", "variable-quoting", "error", "text", check, refused_too=True)
