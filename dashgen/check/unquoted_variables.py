"""Where a variable's value is not data in a query but part of its SQL: a table, a column, a function, a number."""

from __future__ import annotations

from functools import lru_cache

from dashgen.sql.lexer import Token, tokenize, variables

_COMPARING = frozenset({"=", "!=", "<>", "==", "like", "ilike", "~", "!~", "=~"})
_QUOTING = frozenset({"sqlstring", "singlequote"})


@lru_cache(maxsize=4096)
def is_spliced(sql: str, name: str) -> bool:
    """Whether the variable stands outside quotes somewhere, formatted without any, and is not compared with: `FROM
    $table`, `avg($column)`, `"$column"`, `LIMIT $n`; not `host = $host`, `host IN ($host)` and `'$host'`."""
    tokens = [token for token in tokenize(sql) if token.kind not in ("space", "comment")]
    for ref in variables(sql):
        if ref.name != name or (ref.format or "").partition(":")[0] in _QUOTING:
            continue
        at = next((i for i, t in enumerate(tokens) if t.start <= ref.start < t.start + len(t.text)), None)
        if at is None or tokens[at].kind == "string" or _in_call(tokens, at, "$__conditionalAll"):
            continue
        if not _is_compared(tokens, at):
            return True
    return False


def _is_compared(tokens: list[Token], at: int) -> bool:
    before = at - 1
    if before >= 0 and tokens[before].text.lower() in _COMPARING:
        return True
    while before >= 0 and (tokens[before].text == "," or tokens[before].kind in ("string", "variable", "number")):
        before -= 1
    return before > 0 and tokens[before].text == "(" and tokens[before - 1].text.lower() == "in"


def _in_call(tokens: list[Token], at: int, macro: str) -> bool:
    """Whether the token is the last argument of the macro, which is not sent."""
    depth = 0
    if at + 1 >= len(tokens) or tokens[at + 1].text != ")" or tokens[at - 1].text != ",":
        return False
    for index in range(at - 1, -1, -1):
        depth += (tokens[index].text == ")") - (tokens[index].text == "(")
        if depth < 0:
            return index > 0 and tokens[index - 1].text == macro
    return False
