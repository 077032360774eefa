"""A dashboard's variables as a viewer has them: their options, found by their queries one after the other, and what is
chosen.

Sources, Grafana 12.3: grafana/scenes variables/variants/{MultiValueVariable,query/QueryVariable,DataSourceVariable}.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.intervals import TimeRange
from dashgen.grafana.datasources.listed_options import AUTO, automatic, custom, widths
from dashgen.grafana.datasources.options import Option, options
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variable_columns import taken
from dashgen.grafana.datasources.variables import ALL, ChosenVariable
from dashgen.model.dashboards.variable import Sort
from dashgen.model.environment import Plugin
from dashgen.preview.revision import Datasource
from dashgen.render.foreign import sql_of
from dashgen.sql.lexer import variables as references

Json = dict[str, Any]
Given = Mapping[str, str | Sequence[str]]
"""What is chosen so far, by name."""
_SORTS = (*get_args(Sort), "asc", "desc")
"""By the numbers of Grafana's VariableSort; the last two are of natural sorting."""
_TYPED = ("textbox", "constant")
_SEVERAL = ("query", "custom", "datasource")


@dataclass(frozen=True, slots=True)
class Known:
    """One variable with its options. `chosen` are values, `$__all` among them for All; `error` says why its options are
    not known."""

    data: Json
    options: tuple[Option, ...] = ()
    chosen: tuple[str, ...] = ()
    error: str = ""
    automatic: str = ""
    """What `$__auto` is now."""

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def kind(self) -> str:
        return str(self.data.get("type") or "query")

    @property
    def is_multi(self) -> bool:
        return self.kind in _SEVERAL and bool(self.data.get("multi"))

    @property
    def has_all(self) -> bool:
        return self.kind in _SEVERAL and bool(self.data.get("includeAll"))

    def texts(self) -> tuple[str, ...]:
        """What the picker shows for what is chosen."""
        shown = {option.value: option.text for option in self.options} | {ALL: "All"}
        return tuple(shown.get(value, value) for value in self.chosen)

    def as_data(self) -> Json:
        listed = [Option(ALL, "All"), *self.options] if self.has_all else list(self.options)
        texts: object = list(self.texts()) if self.is_multi else "".join(self.texts()[:1])
        chosen: object = list(self.chosen) if self.is_multi else "".join(self.chosen[:1])
        found: Json = {
            "name": self.name,
            "type": self.kind,
            "label": self.data.get("label") or "",
            "description": self.data.get("description") or "",
            "hide": _hidden(self.data.get("hide")),
            "multi": self.is_multi,
            "includeAll": self.has_all,
            "allValue": self.data.get("allValue") or None,
            "allowCustomValue": self.data.get("allowCustomValue", True) is not False,
            "options": [{"text": o.text, "value": o.value, "selected": o.value in self.chosen} for o in listed],
            "current": {"text": texts, "value": chosen},
        }
        return found | ({"error": self.error} if self.error else {})

    def in_queries(self) -> ChosenVariable:
        """As it is put into queries."""
        values = tuple(self.automatic if value.startswith(AUTO) else value for value in self.chosen)
        value: str | tuple[str, ...] = values if self.is_multi else "".join(values[:1])
        return ChosenVariable(
            self.name, value, self.is_multi, self.has_all, self.data.get("allValue") or None,
            tuple(option.value for option in self.options), self.texts(),
        )  # fmt: skip


def _hidden(given: object) -> int:
    """0 no, 1 its label, 2 all of it, 3 in the menu of the dashboard."""
    return given if isinstance(given, int) and not isinstance(given, bool) else 0


Asked = tuple[Plugin, Sequence[WireColumn], Sequence[Sequence[Value]]]
"""Whose rows they are, and the rows."""
Ask = Callable[[Json, tuple[ChosenVariable, ...]], Awaitable[Asked]]
"""Runs a variable's query with the variables before it. Raises ValueError with what went wrong."""


@dataclass(slots=True)
class Resolver:
    """Finds the variables of one dashboard, in the order of their dependencies."""

    listed: Sequence[Json]
    datasources: Sequence[Datasource]
    time_range: TimeRange
    ask: Ask
    found: dict[str, Known] = field(default_factory=dict)

    async def resolve(self, given: Given, changed: str = "") -> tuple[Known, ...]:
        """All of them. With `changed`, choices of those that depend on it count only as far as they are still offered;
        else what is given stays, as what an address names does in Grafana."""
        follow = depending(self.listed, changed) if changed else frozenset()
        for data in ordered(self.listed):
            name = str(data["name"])
            self.found[name] = await self._known(data, given.get(name), is_strict=name in follow)
        return tuple(self.found[str(data["name"])] for data in self.listed)

    async def _known(self, data: Json, given: str | Sequence[str] | None, *, is_strict: bool) -> Known:
        kind = str(data.get("type") or "query")
        values = _several(given) if given is not None else _current(data)
        if kind in _TYPED:
            query = data.get("query")
            text = (values or (query if isinstance(query, str) else "",))[0]
            return Known(data, (Option(text, text),), (text,))
        if kind == "interval":
            return self._interval(data, values)
        try:
            offered = await self._options(kind, data)
        except ValueError as error:
            return Known(data, (), values, str(error))
        free = given is not None and not is_strict and data.get("allowCustomValue", True) is not False
        return Known(data, offered, _chosen(data, offered, values, free=free))

    async def _options(self, kind: str, data: Json) -> tuple[Option, ...]:
        if kind == "custom":
            query = data.get("query")
            return custom(query if isinstance(query, str) else "") or tuple(_written(data))
        if kind == "datasource":
            regex = str(data.get("regex") or "")
            alike = [Option(ds.uid, ds.name) for ds in self.datasources if ds.type == data.get("query")]
            return tuple(one for one in alike if not regex or options([Option(one.text, one.text)], regex))
        if kind != "query":
            raise ValueError(f"not previewed: a variable of the type {kind}")
        before = tuple(known.in_queries() for known in self.found.values())
        plugin, columns, rows = await self.ask(data, before)
        return _of_rows(data, plugin, [column.name for column in columns], rows)

    def _interval(self, data: Json, values: tuple[str, ...]) -> Known:
        query = data.get("query")
        listed = widths(query if isinstance(query, str) else "") or tuple(o.value for o in _written(data))
        offered = [Option(text, text) for text in listed if not text.startswith(AUTO)]
        width = ""
        if data.get("auto"):
            width = automatic(
                self.time_range, str(data.get("auto_min") or "10s"), int(data.get("auto_count") or 30)
            ).text  # fmt: skip
            offered.insert(0, Option(AUTO[0], "Auto"))
        first = values[:1] or tuple(option.value for option in offered[:1])
        chosen = tuple(AUTO[0] if value.startswith(AUTO) else value for value in first)
        return Known(data, tuple(offered), chosen, automatic=width)


def _of_rows(
    data: Json, plugin: Plugin, names: Sequence[str], rows: Sequence[Sequence[Value]]
) -> tuple[Option, ...]:  # fmt: skip
    columns = taken(names, plugin) if names else None
    if columns is None:
        pairs = [Option(_text(value), _text(value)) for row in rows for value in row if value is not None]
    else:
        texts = [(row[columns.value], row[columns.text]) for row in rows if row[columns.value] is not None]
        pairs = [Option(_text(value), _text(value if text is None else text)) for value, text in texts]
    number = data.get("sort")
    sort = _SORTS[number] if isinstance(number, int) and number < len(_SORTS) else "none"
    return options(pairs, str(data.get("regex") or ""), sort)


def _text(value: Value) -> str:
    """Of a time the browser gets milliseconds since 1970."""
    return str(int(value.timestamp() * 1000 // 1)) if isinstance(value, datetime) else str(value)


def _chosen(data: Json, offered: Sequence[Option], values: tuple[str, ...], *, free: bool) -> tuple[str, ...]:
    """What of `values` is offered, or all of it where a viewer may type what he likes; else what a dashboard opens
    with."""
    known = {option.value: option.value for option in offered}
    known = {**{option.text: option.value for option in offered}, **known}
    has_all, multi = bool(data.get("includeAll")), bool(data.get("multi"))
    if has_all and ALL in values:
        return (ALL,)
    kept = tuple(dict.fromkeys(value if free and value not in known else known.get(value, "") for value in values))
    kept = tuple(value for value in kept if value)
    if kept:
        return kept if multi else kept[:1]
    return (ALL,) if has_all else tuple(option.value for option in offered[:1])


def _several(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    return (
        tuple(str(one) for one in given if isinstance(one, str | int | float))
        if isinstance(given, list | tuple)
        else ()
    )


def _current(data: Json) -> tuple[str, ...]:
    """What is chosen at first; empty where nothing is."""
    current = data.get("current")
    value = current.get("value") if isinstance(current, dict) else None
    return tuple(one for one in _several(value) if one)


def _written(data: Json) -> Iterable[Option]:
    for one in data.get("options") or ():
        if isinstance(one, dict) and one.get("value") not in (None, ALL):
            value = "".join(_several(one["value"])[:1])
            yield Option(value, "".join(_several(one.get("text"))[:1]) or value)


def ordered(listed: Sequence[Json]) -> tuple[Json, ...]:
    """Those that others depend on first; in their own order where they don't, and where they depend on each other."""
    by_name = {str(one["name"]): one for one in listed}
    done: dict[str, Json] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in done or name in above or name not in by_name:
            return
        for needed in _needs(by_name[name]):
            visit(needed, above | {name})
        done[name] = by_name[name]

    for name in by_name:
        visit(name, frozenset())
    return tuple(done.values())


def depending(listed: Sequence[Json], name: str) -> frozenset[str]:
    """The names of those that use that one, also by way of others."""
    found: set[str] = set()
    before = -1
    while before < len(found):
        before = len(found)
        found |= {str(one["name"]) for one in listed if (found | {name}) & _needs(one)}
    return frozenset(found - {name})


def _needs(data: Json) -> frozenset[str]:
    if str(data.get("type") or "query") != "query":
        return frozenset()
    datasource = data.get("datasource")
    uid = datasource.get("uid") if isinstance(datasource, dict) else datasource
    texts = (variable_sql(data), str(data.get("regex") or ""), str(uid or ""))
    return frozenset(ref.name for text in texts for ref in references(text))


def variable_sql(data: Json) -> str:
    """The SQL of a variable of the kind query."""
    query = data.get("query")
    return sql_of(query if isinstance(query, dict) else {"rawSql": query}) or ""


_REFERENCE = re.compile(r"\$(\w+)|\$\{(\w+)\}|\[\[(\w+)\]\]", re.ASCII)


def named_in(uid: object, variables: Iterable[ChosenVariable]) -> object:
    """A datasource's uid; where it is a variable, what is chosen in that one."""
    match = _REFERENCE.fullmatch(uid) if isinstance(uid, str) else None
    name = (match[1] or match[2] or match[3]) if match else None
    chosen = next((variable.value for variable in variables if variable.name == name), None)
    if chosen is None:
        return uid
    return chosen if isinstance(chosen, str) else "".join(chosen[:1])
