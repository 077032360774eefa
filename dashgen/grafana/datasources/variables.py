"""What the browser puts for a dashboard's variables in a query.

Sources, Grafana 12.3: grafana/scenes variables/interpolation/{sceneInterpolator,formatRegistry}.ts;
packages/grafana-sql/src/datasource/SqlDatasource.ts (PostgreSQL); QuestDB plugin 0.1.8
src/data/QuestDbDatasource.ts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from dashgen.grafana.datasources.macros import Plugin
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.sql import lexer as lexer

ALL = "$__all"


@dataclass(frozen=True, slots=True)
class ChosenVariable:
    """A variable and what is chosen in it: one value, several, or All (`$__all`, alone or as the only one of
    several).

    `options` are all values, which All stands for unless `all_value` says otherwise. `texts` are what the
    picker shows for the values; the values themselves unless given."""

    name: str
    value: str | tuple[str, ...]
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None
    options: tuple[str, ...] = ()
    texts: tuple[str, ...] | None = None

    @property
    def is_all(self) -> bool:
        return self.value == ALL or (isinstance(self.value, tuple) and self.value[:1] == (ALL,))


def interpolate(sql: str, variables: Iterable[ChosenVariable], plugin: Plugin) -> Expanded:
    """Replaces what is known; an unknown variable stays as it is written, as in Grafana."""
    return rewrite(sql, replacements(sql, variables, plugin))


def replacements(sql: str, variables: Iterable[ChosenVariable], plugin: Plugin) -> list[tuple[int, int, str]]:
    """Where the variables are in the text, and what they become."""
    known = {variable.name: variable for variable in variables}
    return [
        (ref.start, ref.end, _text(known[ref.name], ref, plugin)) for ref in lexer.variables(sql) if ref.name in known
    ]


def _text(variable: ChosenVariable, ref: lexer.VariableRef, plugin: Plugin) -> str:
    name, *args = (ref.format or "").split(":")
    if variable.is_all and variable.all_value:
        # Neither formatted nor quoted.
        return {"text": "All", "queryparam": _parameter(variable.name, ALL)}.get(name, variable.all_value)
    if name == "text" or (ref.path == "text" and not name):
        return "All" if variable.is_all else " + ".join(variable.texts or _several(variable.value))
    if name == "queryparam":
        values = (ALL,) if variable.is_all else _several(variable.value)
        return "&".join(_parameter(variable.name, value) for value in values)
    value = variable.options if variable.is_all else variable.value
    if ref.path and ref.path.isdigit() and isinstance(value, tuple):
        value = value[int(ref.path)] if int(ref.path) < len(value) else ""
    if not name:
        return _DEFAULT[plugin](value, variable)
    if name == "join":
        return (args[0] if args else ",").join(_several(value))
    if name == "distributed":
        return f",{variable.name}=".join(_several(value))
    return _FORMATS.get(name, _glob)(value)


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _plugin_default(value: str | tuple[str, ...], _: ChosenVariable) -> str:
    """Several are quoted but not escaped; one of a single choice is bare."""
    return value if isinstance(value, str) else "'" + "','".join(value) + "'"


def _postgres_default(value: str | tuple[str, ...], variable: ChosenVariable) -> str:
    """Quoted if the variable allows several or All, even where one is chosen; else only its quotes are
    doubled."""
    if isinstance(value, tuple) or variable.multi or variable.include_all:
        return ",".join(_quoted(one, "'", "''") for one in _several(value))
    return value.replace("'", "''")


_DEFAULT: dict[Plugin, Callable[[str | tuple[str, ...], ChosenVariable], str]] = {
    "questdb": _plugin_default,
    "postgres": _postgres_default,
}


def _quoted(text: str, mark: str, escaped: str) -> str:
    return mark + text.replace(mark, escaped) + mark


def _sql_string(text: str) -> str:
    """Scenes escapes double quotes too, with a backslash: a value that holds one does not match itself in
    QuestDB."""
    return "'" + text.replace("'", "''").replace('"', '\\"') + "'"


def _glob(value: str | tuple[str, ...]) -> str:
    several = _several(value)
    return "{" + ",".join(several) + "}" if len(several) > 1 else "".join(several)


def _regex(value: str | tuple[str, ...]) -> str:
    escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", one) for one in _several(value)]
    return escaped[0] if len(escaped) == 1 else "(" + "|".join(escaped) + ")"


def _lucene(value: str | tuple[str, ...]) -> str:
    def escape(text: str) -> str:
        if re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*", text):
            return text
        return re.sub(r'[!*+\-=<>\s&|()\[\]{}^~?:\\/"]', r"\\\g<0>", text)

    if isinstance(value, str):
        return escape(value)
    return "(" + " OR ".join(f'"{escape(one)}"' for one in value) + ")" if value else "__empty__"


def _encoded(value: str | tuple[str, ...]) -> str:
    return quote(value if isinstance(value, str) else "{" + ",".join(value) + "}", safe="-_.~")


def _json(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parameter(name: str, value: str) -> str:
    """`urlUtil.toUrlParams`: `@`, `:`, `$` and `,` stay, a space is `+`."""
    return f"var-{name}=" + quote(value, safe="-_.~@:$,").replace("%20", "+")


_FORMATS: dict[str, Callable[[str | tuple[str, ...]], str]] = {
    # JavaScript's String(array) joins by commas.
    "raw": lambda value: ",".join(_several(value)),
    "csv": lambda value: ",".join(_several(value)),
    "pipe": lambda value: "|".join(_several(value)),
    "glob": _glob,
    "json": _json,
    "lucene": _lucene,
    "regex": _regex,
    "percentencode": _encoded,
    "singlequote": lambda value: ",".join(_quoted(one, "'", "\\'") for one in _several(value)),
    "doublequote": lambda value: ",".join(_quoted(one, '"', '\\"') for one in _several(value)),
    "sqlstring": lambda value: ",".join(_sql_string(one) for one in _several(value)),
}
