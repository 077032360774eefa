"""Checks for queries that QuestDB refuses.

Each query is expanded as its data source plugin would expand it: for time ranges from 5 minutes to 90 days, with the
interval that follows from the panel's width, and for each way to choose a variable: one value, several values, All, a
value with a quote. The server parses each text and describes its columns; it runs none.

The message is the server's. The caret marks the server's position in the SQL of the spec. Where a macro or a variable
stands there, the text that it became is shown, too. Where only some ranges or choices are refused, they are named.

## Why is this bad?

The panel shows an error instead of data; an alert rule is in the state Error.

## Example

```sql
SELECT host, max(uptime) FROM daemon_metrics        -- Invalid column: uptime
SELECT host FROM daemon_metrics WHERE timestamp > now() - interval '24h'  -- no interval arithmetic
```

## Use instead

```sql
SELECT host, max(uptime_seconds) FROM daemon_metrics
SELECT host FROM daemon_metrics WHERE timestamp > dateadd('h', -24, $__toTime)
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from dashgen.check.column_advice import advice
from dashgen.check.rule import Refusal, Rule, RuleMatch
from dashgen.model.core.suggestions import listed
from dashgen.project_checks import undeclared_tables as undeclared
from dashgen.sql.ast import Select
from dashgen.sql.lexer import variables
from dashgen.sql.lineage import inputs, schema
from dashgen.sql.parser import understood
from dashgen.sql.reads import common_tables, every_select, relations
from dashgen.sql.statements import NOT_SENT

_ADVICE: tuple[tuple[str, str], ...] = (
    (r"impossible type cast, invalid type", "QuestDB has no intervals: write dateadd('h', -24, $__toTime)"),
    (r"'on' expected", "write LATEST ON timestamp PARTITION BY host; it comes after WHERE"),
    (r"at least one aggregation function", "with SAMPLE BY every column is a key or an aggregate: last(x), avg(x)"),
    (r"window function called in non-window context", "sample in a subquery, and take lag(…) OVER (…) of its rows"),
    (r"must not contain both GROUP BY and SAMPLE BY", "remove GROUP BY: the other columns are the keys"),
    (r"FROM-TO intervals are not supported for keyed", "FROM … TO works for one series; filter by time in WHERE"),
    (r"matching function `(sum|min|max|last|first)`.*BOOLEAN", "cast it: sum(connected::int)"),
    (r"too few arguments for 'in'", "an empty list is refused; compare with ${name:sqlstring}"),
    (r"unclosed quoted string", "a quote is missing, or a value has one: ${name:sqlstring} doubles those"),
    (r"unexpected token \[HAVING\]", "QuestDB has no HAVING: filter in an outer query"),
    (
        r"unexpected token \[SAMPLE\]",
        "SAMPLE BY comes after WHERE, without GROUP BY: the other columns are its keys",
    ),
    (r"unexpected token \[FILL\]", "FILL comes before ALIGN TO CALENDAR"),
    (r"unexpected token \[OFFSET\]", "LIMIT takes both ends: LIMIT 5, 15"),
    (r"unknown function name: time_bucket", "write SAMPLE BY $__sampleByInterval"),
    (r"unknown function name: rate\(", "take the difference to lag(x) OVER (PARTITION BY … ORDER BY timestamp)"),
    (r"Invalid unit|time interval unit expected", "units are s, m, h, d, M, y; T are milliseconds"),
    (
        r"TIMESTAMP column is required",
        "SAMPLE BY needs the designated timestamp: subqueries must keep it, in order",
    ),
    (r"returns none", "only queries that return columns belong in a dashboard"),
    (r"Write permission denied", "only queries belong in a dashboard"),
    (r"dangling literal", "a comma or an operator is missing, or the function is not QuestDB's"),
    (r"unbalanced 'case'", "CASE needs its END"),
    (r"'\)' expected", "a parenthesis is not closed"),
    (r"empty where clause", "a condition is missing"),
)


def check(refusal: Refusal) -> Iterator[RuleMatch]:
    if refusal.message.endswith(NOT_SENT):
        yield RuleMatch(refusal.message, "no value of a variable may turn a query into a statement", refusal.at)
    elif not refusal.macro:
        yield RuleMatch(f"QuestDB refuses it: {refusal.message}", _hint(refusal), refusal.at)


def _hint(refusal: Refusal) -> str:
    sql, message = refusal.subject.sql, refusal.message
    if missing := undeclared.refused_table(message):
        query = understood(sql)
        return undeclared.advice(missing, refusal.subject.project, common_tables(query) if query else ())
    if value := _bare_value(refusal):
        return f"the value is inserted unquoted: write ${{{value}:sqlstring}}, which quotes it and doubles its quotes"
    column = re.match(r"Invalid column: (.+)", message)
    if column:
        return _column(refusal, column[1])
    for pattern, hint in _ADVICE:
        if re.search(pattern, message):
            return hint
    return ""


def _column(refusal: Refusal, written: str) -> str:
    """What is there instead of a column that the server does not find: by the SELECT that it points into, where the
    sources of that one are known."""
    sql, known = refusal.subject.sql, schema(refusal.subject.project)
    qualifier, _, name = written.rpartition(".")
    select = _around(sql, refusal.at)
    if select is not None:
        if known_under := advice(select, name, qualifier, known):
            return known_under
        if names := {*inputs(select, known)}:
            if refusal.at and select.order_span[0] <= refusal.at[0] < select.order_span[1]:
                names |= {item.alias for item in select.items if item.alias_span is not None}
            tables = [source.name for source in select.sources if source.is_relation]
            read_here = ", ".join(tables) if len(tables) == len(select.sources) else "what FROM reads"
            return _near(name, sorted(names), f"{read_here} has")
    read = {relation.lower() for relation in relations(sql) or ()} & known.keys()
    columns = {column for relation in read for column in known[relation].columns}
    return _near(name, sorted(columns), f"{', '.join(sorted(read))} has")


def _around(sql: str, at: tuple[int, int] | None) -> Select | None:
    """The innermost SELECT around a place."""
    around = [one for one in every_select(sql) if at and one.span[0] <= at[0] < one.span[1]]
    return min(around, key=lambda one: one.span[1] - one.span[0], default=None)


def _bare_value(refusal: Refusal) -> str:
    """The variable whose value is refused where the author's word is none; nothing if it is quoted as SQL."""
    if refusal.at is None:
        return ""
    found = variables(refusal.subject.sql[slice(*refusal.at)])
    return found[0].name if found and found[0].format != "sqlstring" else ""


def _near(word: str, names: list[str], otherwise: str) -> str:
    near = get_close_matches(word, names, 1, 0.6)
    if near and near[0].lower() != word.lower():
        return f"did you mean {near[0]}?"
    return f"{otherwise} {listed(names, word)}" if names else ""


RULE = Rule("DG101", "refused-by-server", "error", "answer", check)
