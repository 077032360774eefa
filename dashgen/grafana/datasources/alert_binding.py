"""What an alert's SQL takes from the environment, put in when it is rendered: nobody chooses variables for an alert.

| in the SQL | becomes |
|---|---|
| `${env:sqlstring}` | the environment's `env`, quoted: `'prod'` (what `ENV.matches("env")` writes, so that panels and alerts share SQL) |
| `${hosts:sqlstring}` | its fleet, quoted, for `IN (…)`: `'prod-server-01','prod-server-02'` |
| `${hosts:rows}` | its fleet as rows of one column `host`, for `FROM (${hosts:rows}) fleet` |
"""  # noqa: E501  # a table's row is one line

from __future__ import annotations

from collections.abc import Iterable

from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.model.environment import Environment
from dashgen.sql.lexer import VariableRef, moments, variables

FORMS = {"env": ("sqlstring",), "hosts": ("sqlstring", "rows")}
"""What can be bound, and how."""


def quoted(text: str) -> str:
    """A SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def rows(values: Iterable[str], column: str) -> str:
    """Literals as rows of one column."""
    return " UNION ALL ".join(f"SELECT {quoted(value)} AS {column}" for value in values)


def bind(sql: str, environment: Environment) -> Expanded:
    """The SQL with the environment's values in it, and the way back to the author's offsets. What can't be bound stays
    as it is: `unbound` finds it."""
    texts = {
        ("env", "sqlstring"): quoted(environment.env),
        ("hosts", "sqlstring"): ",".join(map(quoted, environment.hosts)),
        ("hosts", "rows"): rows(environment.hosts, "host"),
    }
    found = [(ref, texts.get((ref.name, ref.format or ""))) for ref in variables(sql)]
    return rewrite(sql, [(ref.start, ref.end, text) for ref, text in found if text])


def unbound(sql: str) -> tuple[VariableRef, ...]:
    """The variables that only a browser would replace; `$now` in a string is QuestDB's."""
    own = {ref.start for ref in moments(sql)}
    return tuple(
        ref for ref in variables(sql) if ref.start not in own and (ref.format or "") not in FORMS.get(ref.name, ())
    )


def needs_hosts(sql: str) -> bool:
    """Whether the SQL reads the declared fleet."""
    return any(ref.name == "hosts" for ref in variables(sql))
