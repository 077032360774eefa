"""What the browser puts for a dashboard's variables in a query.

Sources, Grafana 12.3: grafana/scenes variables/interpolation/{sceneInterpolator,formatRegistry}.ts;
packages/grafana-sql/src/datasource/SqlDatasource.ts (PostgreSQL); QuestDB plugin 0.1.8
src/data/QuestDbDatasource.ts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from dashgen.sql import lexer as lexer

ALL = "$__all"


class ChosenVariable(NamedTuple):
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


DefaultText: TypeAlias = Callable[[str | tuple[str, ...], ChosenVariable], str]
"""What stands for a value where no format is named."""


def replacements(sql: str, variables: Iterable[ChosenVariable], default: DefaultText) -> list[tuple[int, int, str]]:
    """Where the variables are in the text, and what they become."""
    known = {variable.name: variable for variable in variables}
    return [
        (ref.start, ref.end, _text(known[ref.name], ref, default)) for ref in lexer.variables(sql) if ref.name in known
    ]


def _text(variable: ChosenVariable, ref: lexer.VariableRef, default: DefaultText) -> str:
    name, *args = (ref.format or "").split(":")
    if variable.is_all and variable.all_value:
        # Neither formatted nor quoted.
        return {"text": "All", "queryparam": _parameter(variable.name, ALL)}.get(name, variable.all_value)
    if name == "text" or (ref.path == "text" and not name):
        return "All" if variable.is_all else " + ".join(variable.texts or several(variable.value))
    if name == "queryparam":
        values = (ALL,) if variable.is_all else several(variable.value)
        return "&".join(_parameter(variable.name, value) for value in values)
    value = variable.options if variable.is_all else variable.value
    if ref.path and ref.path.isdigit() and isinstance(value, tuple):
        value = value[int(ref.path)] if int(ref.path) < len(value) else ""
    if not name:
        return default(value, variable)
    if name == "join":
        return (args[0] if args else ",").join(several(value))
    if name == "distributed":
        return f",{variable.name}=".join(several(value))
    return _FORMATS.get(name, _glob)(value)


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def quoted(text: str, mark: str, escaped: str) -> str:
    return mark + text.replace(mark, escaped) + mark


def _sql_string(text: str) -> str:
    """Scenes escapes double quotes too, with a backslash: a value that holds one does not match itself in
    QuestDB."""
    return "'" + text.replace("'", "''").replace('"', '\\"') + "'"


def _glob(value: str | tuple[str, ...]) -> str:
    each = several(value)
    return "{" + ",".join(each) + "}" if len(each) > 1 else "".join(each)


def _regex(value: str | tuple[str, ...]) -> str:
    escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", one) for one in several(value)]
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
    "raw": lambda value: ",".join(several(value)),
    "csv": lambda value: ",".join(several(value)),
    "pipe": lambda value: "|".join(several(value)),
    "glob": _glob,
    "json": _json,
    "lucene": _lucene,
    "regex": _regex,
    "percentencode": _encoded,
    "singlequote": lambda value: ",".join(quoted(one, "'", "\\'") for one in several(value)),
    "doublequote": lambda value: ",".join(quoted(one, '"', '\\"') for one in several(value)),
    "sqlstring": lambda value: ",".join(_sql_string(one) for one in several(value)),
}
