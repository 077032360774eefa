"""Variables of a v2 dashboard as the classic form has them.

Read in apps/dashboard/pkg/migration/conversion/v2alpha1_to_v1.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashgen.grafana.dashboards.document import Json
from dashgen.grafana.dashboards.v2.json_object import JsonObject
from dashgen.grafana.dashboards.v2.queries import TEXT_OF_QUERY, placeholder, query_of

HIDE = {"dontHide": 0, "hideLabel": 1, "hideVariable": 2, "inControlsMenu": 3}
REFRESH = {"never": 0, "onDashboardLoad": 1, "onTimeRangeChanged": 2}
SORT = {
    name: number
    for number, name in enumerate(
        (
            "disabled",
            "alphabeticalAsc",
            "alphabeticalDesc",
            "numericalAsc",
            "numericalDesc",
            "alphabeticalCaseInsensitiveAsc",
            "alphabeticalCaseInsensitiveDesc",
            "naturalAsc",
            "naturalDesc",
        )
    )
}


def classic_variable(variable: JsonObject) -> Json:
    convert = _KINDS.get(variable.kind)
    if convert is None:
        raise variable.error(f"expected a kind of variable ({', '.join(_KINDS)}), got {variable.kind!r}", "kind")
    return convert(variable)


def _common(spec: JsonObject, kind: str) -> Json:
    return {
        "name": spec.text("name"),
        "type": kind,
        "hide": HIDE.get(spec.text("hide"), 0),
        "skipUrlSync": spec.flag("skipUrlSync"),
        **spec.copied("label", "description"),
    }


def _choice(spec: JsonObject, key: str = "current") -> Json:
    chosen = spec.node(key)
    return {"text": _one_or_more(chosen, "text"), "value": _one_or_more(chosen, "value")}


def _one_or_more(option: JsonObject, key: str) -> Any:
    if isinstance(option.value.get(key), list):
        texts: Any = option.texts(key)
        return texts or ""
    return option.text(key)


def _options(spec: JsonObject, key: str = "options") -> list[Json]:
    return [
        {
            "text": _one_or_more(option, "text"),
            "value": _one_or_more(option, "value"),
            **option.copied("selected"),
        }
        for option in spec.nodes(key)
    ]


def _query(variable: JsonObject) -> Json:
    spec = variable.spec
    query = query_of(spec)
    value = query.model.get(TEXT_OF_QUERY)
    found = {
        **_common(spec, "query"),
        "multi": spec.flag("multi"),
        "includeAll": spec.flag("includeAll"),
        "refresh": REFRESH.get(spec.text("refresh"), 0),
        "sort": SORT.get(spec.text("sort"), 0),
        "regex": spec.text("regex"),
        "current": _choice(spec),
        "options": _options(spec),
        "allowCustomValue": spec.flag("allowCustomValue", otherwise=True),
        "query": value if isinstance(value, str) else query.model,
        **spec.copied("allValue", "definition", "regexApplyTo", "staticOptionsOrder"),
    }
    if spec.items("staticOptions"):
        found["staticOptions"] = _options(spec, "staticOptions")
    if query.datasource:
        found["datasource"] = query.datasource
    return found


def _datasource(variable: JsonObject) -> Json:
    spec = variable.spec
    return {
        **_common(spec, "datasource"),
        "multi": spec.flag("multi"),
        "includeAll": spec.flag("includeAll"),
        "refresh": REFRESH.get(spec.text("refresh"), 0),
        "regex": spec.text("regex"),
        "query": spec.text("pluginId"),
        "current": _choice(spec),
        "options": _options(spec),
        "allowCustomValue": spec.flag("allowCustomValue", otherwise=True),
        **spec.copied("allValue"),
    }


def _custom(variable: JsonObject) -> Json:
    spec = variable.spec
    return {
        **_common(spec, "custom"),
        "multi": spec.flag("multi"),
        "includeAll": spec.flag("includeAll"),
        "query": spec.text("query"),
        "allowCustomValue": spec.flag("allowCustomValue", otherwise=True),
        "current": _choice(spec),
        "options": _options(spec),
        **spec.copied("allValue", "valuesFormat"),
    }


def _constant(variable: JsonObject) -> Json:
    """Always hidden: Grafana's migrator would make a text box of a constant that is shown."""
    spec = variable.spec
    return {**_common(spec, "constant"), "hide": 2, "query": spec.text("query"), "current": _choice(spec)}


def _interval(variable: JsonObject) -> Json:
    spec = variable.spec
    return {
        **_common(spec, "interval"),
        "query": spec.text("query"),
        "auto": spec.flag("auto"),
        "auto_min": spec.text("auto_min"),
        "auto_count": spec.integer("auto_count"),
        "current": _choice(spec),
        "options": _options(spec),
    }


def _text(variable: JsonObject) -> Json:
    spec = variable.spec
    return {**_common(spec, "textbox"), "query": spec.text("query"), "current": _choice(spec)}


def _group_by(variable: JsonObject) -> Json:
    spec = variable.spec
    found = {
        **_common(spec, "groupby"),
        "multi": spec.flag("multi"),
        "current": _choice(spec),
        "options": _options(spec),
        **_source(variable),
    }
    if spec.has("defaultValue"):
        found["defaultValue"] = _choice(spec, "defaultValue")
    return found


def _ad_hoc(variable: JsonObject) -> Json:
    spec = variable.spec
    found = {
        **_common(spec, "adhoc"),
        "allowCustomValue": spec.flag("allowCustomValue", otherwise=True),
        **_source(variable),
    }
    for key in ("filters", "baseFilters"):
        if spec.items(key):
            found[key] = [_filter(one) for one in spec.nodes(key)]
    if spec.items("defaultKeys"):
        keys = spec.nodes("defaultKeys")
        found["defaultKeys"] = [
            {"text": one.text("text"), **one.copied("value", "group", "expandable")} for one in keys
        ]
    return found


def _filter(one: JsonObject) -> Json:
    found = {
        "key": one.text("key"),
        "operator": one.text("operator"),
        "value": one.text("value"),
        **one.copied("keyLabel", "condition", "origin"),
    }
    found.update({key: one.texts(key) for key in ("values", "valueLabels") if one.items(key)})
    return found


def _source(variable: JsonObject) -> Json:
    """The data source of filters and groups: beside the spec in v2beta1 and v2, within it in v2alpha1."""
    within = variable.spec.node("datasource")
    uid = variable.node("datasource").text("name") or within.text("uid")
    plugin = variable.text("group") or (within.text("type") if uid else "")
    uid = uid or placeholder(variable, plugin)
    if not uid:
        return {}
    return {"datasource": {"uid": uid, "type": plugin} if plugin else {"uid": uid}}


def _switch(variable: JsonObject) -> Json:
    spec = variable.spec
    current = spec.text("current")
    return {
        **_common(spec, "switch"),
        "query": "",
        "current": {"text": current, "value": current},
        "options": [
            {"text": value, "value": value, "selected": value == current}
            for value in (spec.text("enabledValue"), spec.text("disabledValue"))
        ],
    }


_KINDS: dict[str, Callable[[JsonObject], Json]] = {
    "AdhocVariable": _ad_hoc,
    "ConstantVariable": _constant,
    "CustomVariable": _custom,
    "DatasourceVariable": _datasource,
    "GroupByVariable": _group_by,
    "IntervalVariable": _interval,
    "QueryVariable": _query,
    "SwitchVariable": _switch,
    "TextVariable": _text,
}
