"""Variables of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.members import flag, texts, whole, written
from dashgen.grafana.dashboards.from_classic.queries import Plugins, data_query, model_of
from dashgen.grafana.dashboards.v2.queries import TEXT_OF_QUERY, DataQuery
from dashgen.grafana.dashboards.v2.variables import HIDE, REFRESH, SORT

LAST_SORT_BY_NUMBER = 4
"""Grafana 12.4 takes later ones, such as 7 for natural order, for none (seen)."""


def v2_variables(dashboard: Json, plugins: Plugins) -> list[Json]:
    """Those of a kind that v2 does not have are left out."""
    found = []
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        convert = _KINDS.get(text(variable.get("type")))
        if convert:
            found.append(convert(variable, plugins))
    return found


def _named(numbers: dict[str, int], value: object, last: int = 99) -> str:
    """The name of a number; a name stays."""
    if isinstance(value, str) and value in numbers:
        return value
    number = int(value) if is_number(value) else 0
    return next((name for name, one in numbers.items() if one == number <= last), next(iter(numbers)))


def _variable(kind: str, variable: Json, **own: Any) -> Json:
    spec: Json = {
        "name": text(variable.get("name")),
        "hide": _named(HIDE, variable.get("hide")),
        "skipUrlSync": flag(variable.get("skipUrlSync")),
        **written(variable, "label", "description"),
        **own,
    }
    return {"kind": kind, "spec": spec}


def _one_or_more(value: object) -> str | list[str]:
    if isinstance(value, list):
        return texts(value)
    return text(mapping(value).get(TEXT_OF_QUERY) if isinstance(value, dict) else value)


def _choice(value: object) -> Json:
    chosen = mapping(value)
    return {key: _one_or_more(chosen.get(key)) for key in ("text", "value")}


def _options(variable: Json, key: str = "options") -> list[Json]:
    return [{**_choice(one), "selected": flag(one.get("selected"))} for one in objects(variable.get(key))]


def _chosen(variable: Json) -> Json:
    """What variables have that offer a choice of one or more."""
    return {
        "current": _choice(variable.get("current")),
        "options": _options(variable),
        "multi": flag(variable.get("multi")),
        "includeAll": flag(variable.get("includeAll")),
        "allowCustomValue": flag(variable.get("allowCustomValue"), otherwise=True),
        **written(variable, "allValue"),
    }


def _source(variable: Json, plugins: Plugins) -> tuple[str, str]:
    plugin, uid = plugins.reference(variable.get("datasource"))
    return (plugin, uid) if plugin or uid else (plugins.of_default, "")


def _query(variable: Json, plugins: Plugins) -> Json:
    plugin, uid = _source(variable, plugins)
    own: Json = {
        **_chosen(variable),
        "refresh": _named(REFRESH, variable.get("refresh")),
        "sort": _named(SORT, variable.get("sort"), LAST_SORT_BY_NUMBER),
        "regex": text(variable.get("regex")),
        "query": data_query(DataQuery(plugin, uid, model_of(variable.get("query")))),
        **written(variable, "regexApplyTo", "staticOptionsOrder"),
    }
    if _options(variable, "staticOptions"):
        own["staticOptions"] = _options(variable, "staticOptions")
    if isinstance(variable.get("definition"), str):
        own["definition"] = variable["definition"]
    return _variable("QueryVariable", variable, **own)


def _datasource(variable: Json, plugins: Plugins) -> Json:
    return _variable(
        "DatasourceVariable",
        variable,
        **_chosen(variable),
        pluginId=text(variable.get("query"), plugins.of_default),
        refresh=_named(REFRESH, variable.get("refresh")),
        regex=text(variable.get("regex")),
    )


def _custom(variable: Json, _: Plugins) -> Json:
    own = {**_chosen(variable), "query": text(variable.get("query"))}
    if variable.get("valuesFormat") in ("csv", "json"):
        own["valuesFormat"] = variable["valuesFormat"]
    return _variable("CustomVariable", variable, **own)


def _constant(variable: Json, _: Plugins) -> Json:
    query = text(variable.get("query"))
    current = {"text": query, "value": query}
    if variable.get("current") is not None:
        current = _choice(variable["current"])
    return _variable("ConstantVariable", variable, query=query, current=current)


def _interval(variable: Json, _: Plugins) -> Json:
    query = text(variable.get("query"))
    if not query:
        named = (one["value"] if "value" in one else one.get("text") for one in objects(variable.get("options")))
        query = ",".join(value for value in named if isinstance(value, str) and value)
    return _variable(
        "IntervalVariable",
        variable,
        query=query,
        current=_choice(variable.get("current")),
        options=_options(variable),
        refresh="onTimeRangeChanged",
        auto=flag(variable.get("auto")),
        auto_min=text(variable.get("auto_min")),
        auto_count=whole(variable.get("auto_count")),
    )


def _text(variable: Json, _: Plugins) -> Json:
    current = _choice(variable.get("current"))
    return _variable("TextVariable", variable, query=text(variable.get("query")), current=current)


def _switch(variable: Json, _: Plugins) -> Json:
    """The first option is for on, the second for off."""
    options = variable.get("options")
    enabled, disabled = map(_of_switch, (*(options if isinstance(options, list) else ()), {}, {})[:2])
    enabled, disabled = enabled or "true", disabled or "false"
    current = _of_switch(variable.get("current")) or disabled
    return _variable("SwitchVariable", variable, current=current, enabledValue=enabled, disabledValue=disabled)


def _of_switch(option: object) -> str:
    return text(mapping(option).get("value")) or text(mapping(option).get("text"))


def _with_source(variable: Json, converted: Json, plugins: Plugins) -> Json:
    """Filters and groups have their data source beside the spec, and a plugin only with one."""
    plugin, uid = _source(variable, plugins)
    return {**converted, "group": plugin if uid else "", "datasource": {"name": uid} if uid else {}}


def _ad_hoc(variable: Json, plugins: Plugins) -> Json:
    converted = _variable(
        "AdhocVariable",
        variable,
        baseFilters=_filters(variable.get("baseFilters")),
        filters=_filters(variable.get("filters")),
        defaultKeys=_keys(variable.get("defaultKeys")),
        allowCustomValue=flag(variable.get("allowCustomValue"), otherwise=True),
    )
    return _with_source(variable, converted, plugins)


def _filters(value: object) -> list[Json]:
    """Those that come from elsewhere, such as from a scope, are no part of the dashboard."""
    found = []
    for one in objects(value):
        if "origin" not in one or one["origin"] == "dashboard":
            several = {key: texts(one.get(key)) for key in ("values", "valueLabels") if texts(one.get(key))}
            single = {
                "key": text(one.get("key")),
                "operator": text(one.get("operator"), "="),
                "value": text(one.get("value")),
            }
            found.append({**single, **written(one, "keyLabel", "condition"), **several})
    return found


def _keys(value: object) -> list[Json]:
    if not isinstance(value, list):
        return []
    names = [one if isinstance(one, str) else text(mapping(one).get("text")) for one in value]
    return [{"text": name, "value": name} for name in names if name]


def _group_by(variable: Json, plugins: Plugins) -> Json:
    converted = _variable(
        "GroupByVariable",
        variable,
        current=_choice(variable.get("current")),
        options=_options(variable),
        multi=flag(variable.get("multi")),
    )
    return _with_source(variable, converted, plugins)


_KINDS: dict[str, Callable[[Json, Plugins], Json]] = {
    "adhoc": _ad_hoc,
    "constant": _constant,
    "custom": _custom,
    "datasource": _datasource,
    "groupby": _group_by,
    "interval": _interval,
    "query": _query,
    "switch": _switch,
    "textbox": _text,
}
