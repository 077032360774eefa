"""A lexer for QuestDB SQL as authors write it, with Grafana's macros and variables in it.

It cuts a query into tokens for the parser, and answers what Grafana will replace in it. No string makes it fail: what
it does not know is an `operator` of one character, what is not closed reaches to the end.

What Grafana replaces is decided by Grafana's rules, not by SQL's: it looks for variables and macros in the
bare text, so that the ones inside string literals, quoted identifiers and comments count too (Grafana 12.3,
public/app/features/templating/template_srv.ts and packages/grafana-data's variable regex).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from typing import Literal, NamedTuple

Kind = Literal["word", "number", "string", "quoted", "operator", "comment", "space", "macro", "variable"]


class Token(NamedTuple):
    """`start` counts code points; `text` is as written, quotes and all."""

    kind: Kind
    text: str
    start: int


class VariableRef(NamedTuple):
    """`$name`, `${name}`, `${name.path:format}`, `[[name:format]]`."""

    name: str
    format: str | None
    start: int
    end: int
    path: str | None = None


class MacroRef(NamedTuple):
    """`name` is without `$__`. `args` is None where no parenthesis follows at once, or where it is never
    closed; else the texts between the commas of that level, untrimmed (`()` has none). `${__name}` and
    `[[__name]]` count too."""

    name: str
    args: tuple[str, ...] | None
    start: int
    end: int


# The spellings of a reference as Grafana's variable regex has them; its \w is ASCII's. Paths and formats are
# bounded here, so that many unclosed braces don't cost the square of their number.
_NAME = "[A-Za-z0-9_]"
_PATH, _FORMAT = "[^:^}]{1,200}", "[^}]{1,200}"


def _reference(prefix: str) -> str:
    return (
        rf"\${prefix}{_NAME}+|\$\{{{prefix}{_NAME}+(?:\.{_PATH})?(?::{_FORMAT})?\}}"
        rf"|\[\[{prefix}{_NAME}+(?::{_NAME}+)?\]\]"
    )


_GRAMMAR: dict[Kind, str] = {
    "space": r"\s+",
    "word": r"[^\W\d]\w*",
    "macro": _reference("__"),
    "variable": _reference(""),
    "number": r"""\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\w*|(?<![\w"'\])])\.\d+(?:[eE][+-]?\d+)?\w*""",
    "string": r"'[^']*(?:''[^']*)*'?",
    "quoted": r'"[^"]*(?:""[^"]*)*"?|`[^`]*`?',
    "comment": r"--[^\n]*|/\*(?s:.*?)(?:\*/|\Z)",
    "operator": r"::|<=|>=|<>|!=|!~|:=|\|\||==|(?s:.)",
}
_TOKEN = re.compile("|".join(_GRAMMAR.values()))
_KIND = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _GRAMMAR.items()))


class _Kinds(dict[str, str]):
    """The kind of a token by its text: most texts come again and again."""

    def __missing__(self, text: str) -> str:
        if len(self) > 50_000:
            self.clear()
        match = _KIND.match(text)
        kind = self[text] = (match and match.lastgroup) or "operator"
        return kind


_KINDS = _Kinds()

_VARIABLE = re.compile(rf"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{{(\w+)(?:\.({_PATH}))?(?::({_FORMAT}))?\}}", re.ASCII)

_MACRO_OR_BRACKET = re.compile(rf"\$__({_NAME}+)(\()?|\$\{{__({_NAME}+)[^}}]*\}}|\[\[__({_NAME}+)[^\]]*\]\]|[(),]")


@lru_cache(maxsize=4096)
def tokenize(sql: str) -> tuple[Token, ...]:
    """Every character is in exactly one token: the texts concatenated are `sql`."""
    return tokenize_once(sql)


def tokenize_once(sql: str) -> tuple[Token, ...]:
    """The same of a text that will not come again, such as one with its moment in it: nothing of it is kept."""
    texts = _TOKEN.findall(sql)
    starts = accumulate(map(len, texts), initial=0)
    # Token's own constructor costs more than all the rest, and this is the hot path.
    return tuple(map(tuple.__new__, repeat(Token), zip(map(_KINDS.__getitem__, texts), texts, starts, strict=False)))


def variables(sql: str) -> tuple[VariableRef, ...]:
    """The dashboard's variables that `sql` mentions, in order, repeats included; not Grafana's own
    (`__from`)."""
    return _variables(sql) if "$" in sql or "[[" in sql else ()


@lru_cache(maxsize=4096)
def _variables(sql: str) -> tuple[VariableRef, ...]:
    found = []
    for match in _VARIABLE.finditer(sql):
        plain, squared, squared_format, braced, path, braced_format = match.groups()
        name = plain or squared or braced
        if not name.startswith("__"):
            found.append(VariableRef(name, squared_format or braced_format, match.start(), match.end(), path))
    return tuple(found)


_MOMENT = re.compile(r"\$(?:now|today|yesterday|tomorrow)\b", re.ASCII | re.IGNORECASE)


def moments(sql: str) -> tuple[VariableRef, ...]:
    """QuestDB's own `$now`, `$today`, `$yesterday` and `$tomorrow` in its interval strings, whatever their case
    (`timestamp IN '$now - 1h..$now'`, seen on 9.3.4). To Grafana they are references to variables: `variables` has them
    too."""
    if "$" not in sql or not _MOMENT.search(sql):  # only a text that has one is worth its tokens
        return ()
    return tuple(
        VariableRef(match[0][1:], None, token.start + match.start(), token.start + match.end())
        for token in tokenize(sql)
        if token.kind == "string"
        for match in _MOMENT.finditer(token.text)
    )


def variable_names(sql: str) -> set[str]:
    """The names of `variables(sql)`, for less: a large project asks once for each of its texts."""
    if "$" not in sql and "[[" not in sql:
        return set()
    found = {plain or squared or braced for plain, squared, _, braced, _, _ in _VARIABLE.findall(sql)}
    return {name for name in found if not name.startswith("__")}


def dashboard_names(sql: str) -> set[str]:
    """The names that only a dashboard's variables can give a value: without those that stand nowhere but in QuestDB's
    own `moments`. Grafana leaves what it does not know, and QuestDB reads it."""
    names = variable_names(sql)
    if not names or not (own := {ref.start for ref in moments(sql)}):
        return names
    return {ref.name for ref in variables(sql) if ref.start not in own}


@lru_cache(maxsize=4096)
def macros(sql: str) -> tuple[MacroRef, ...]:
    """`$__name` and `$__name(args)` in order of their start. Parentheses are matched as Grafana matches them:
    by counting, without regard to quotes."""
    if "__" not in sql:
        return ()
    found: list[MacroRef] = []
    # One entry an open parenthesis: the macro's place in `found` (or None), and where its arguments begin.
    open_brackets: list[tuple[int | None, list[int]]] = []
    for match in _MACRO_OR_BRACKET.finditer(sql):
        text = match.group()
        if text == "(":
            open_brackets.append((None, []))
        elif text == ",":
            if open_brackets:
                open_brackets[-1][1].append(match.start())
        elif text == ")":
            if not open_brackets:
                continue
            index, commas = open_brackets.pop()
            if index is not None:
                macro = found[index]
                edges = [macro.end, *commas, match.start()]
                args = tuple(sql[a + 1 : b] for a, b in pairwise(edges))
                found[index] = macro._replace(args=() if args == ("",) else args, end=match.end())
        else:
            name = match[1] or match[3] or match[4]
            opens = match[2] is not None
            if opens:
                open_brackets.append((len(found), []))
            found.append(MacroRef(name, None, match.start(), match.end() - opens))
    return tuple(found)
