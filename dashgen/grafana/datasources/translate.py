"""From the QuestDB plugin's macros to those of Grafana's built-in PostgreSQL datasource."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.grafana.datasources.macros import BROWSER, MacroError
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.sql.lexer import MacroRef, macros, tokenize

_UNCHANGED = frozenset({"interval", "interval_ms"}) | BROWSER
_HINTS = {
    "timeFrom": "write $__fromTime, or $__timeFrom(column) for the condition",
    "timeTo": "write $__toTime, or $__timeTo(column) for the condition",
    "timeGroup": "write SAMPLE BY $__sampleByInterval",
    "conditionalAll": "write ('__all' IN (${x:sqlstring}) OR column IN (${x:sqlstring})), allValue '__all'",
}


def to_postgres(sql: str) -> str:
    """The query for the PostgreSQL datasource. Raises `MacroError` for what has no counterpart there."""
    return translate(sql).text


def translate(sql: str) -> Expanded:
    """As `to_postgres`, with the way back to the author's offsets.

    `$__fromTime` is a timestamp in the plugin, `$__timeFrom()` a quoted literal: subtracting from a literal
    is not time arithmetic, and the nanosecond literals of API calls compare in another unit, so it is cast.
    As a bound of `SAMPLE BY … FROM … TO` it stays a literal: QuestDB 9.3.4 fills an empty range only then.
    """
    return rewrite(sql, _replacements(sql))


def _replacements(sql: str) -> Iterator[tuple[int, int, str]]:
    found = macros(sql)
    if not found:
        return
    before = _words_before(sql) if any(m.name in ("fromTime", "toTime") for m in found) else {}
    done = 0
    for macro in found:
        if macro.start < done:
            continue
        text = _translated(macro, sql, before.get(macro.start, ""))
        if text is not None:
            done = macro.end
            yield macro.start, macro.end, text


def _translated(macro: MacroRef, sql: str, before: str) -> str | None:
    name, args = macro.name, [arg.strip() for arg in macro.args or ()]
    if name in _UNCHANGED:
        return None
    if name in ("fromTime", "toTime"):
        literal = "$__timeFrom()" if name == "fromTime" else "$__timeTo()"
        return literal if before in ("from", "to") else f"cast({literal} as timestamp)"
    if name == "sampleByInterval":
        tail = sql[macro.start + len("$__sampleByInterval") : macro.end]
        return "$__interval" if tail in ("", "()") else f"$__interval{tail}"
    if name in ("timeFilter", "timeFrom", "timeTo"):
        if len(args) != 1 or not args[0]:
            raise MacroError(
                f"$__{name} takes one argument, the time column, and got {len(args)}",
                name,
                macro.start,
                _HINTS.get(name, ""),
            )
        column = to_postgres(args[0])
        if name == "timeFrom":
            return f"{column} >= $__timeFrom()"
        if name == "timeTo":
            return f"{column} <= $__timeTo()"
        # The datasource reads arguments up to the first closing parenthesis and splits them at commas.
        if ")" in column or "," in column:
            return f"{column} BETWEEN $__timeFrom() AND $__timeTo()"
        return f"$__timeFilter({column})"
    raise MacroError(
        f"$__{name} cannot be rendered for the PostgreSQL datasource", name, macro.start, _HINTS.get(name, "")
    )


def _words_before(sql: str) -> dict[int, str]:
    """What stands before each macro, lower case, spaces and comments passed over."""
    before: dict[int, str] = {}
    previous = ""
    for token in tokenize(sql):
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "macro":
            before[token.start] = previous
        previous = token.text.lower()
    return before
