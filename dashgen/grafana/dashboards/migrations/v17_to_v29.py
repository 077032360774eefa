"""Schema versions 17 to 29, of Grafana 5 to 7.

Read in apps/dashboard/pkg/migration/schemaversion/v17.go to v29.go. Step 25 only counts. Steps 19 and 27 visit panels
in collapsed rows; the others don't in 12.4, though the frontend does (later sources mend 21, 22 and 26).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects, text
from dashgen.grafana.dashboards.migrations.numbers import as_float, as_integer
from dashgen.grafana.dashboards.migrations.panels import all_panels, top_panels
from dashgen.grafana.dashboards.migrations.v2_to_v15 import Converted

_PANELS_PER_ROW = (1, 2, 3, 4, 6, 8, 12, 24)
_GAUGE_VALUE_OPTIONS = ("unit", "stat", "decimals", "prefix", "suffix")
_NEW_VARIABLES = {
    "__series_name": "__series.name",
    "$__series_name": "${__series.name}",
    "__value_time": "__value.time",
    "__field_name": "__field.name",
    "$__field_name": "${__field.name}",
}
_OLD_VARIABLE = re.compile(r"\$?__(?:series|field)_name|__value_time")


def v17(dashboard: Json) -> None:
    """The least width of a repeated panel becomes the number of panels in a row."""
    for panel in top_panels(dashboard):
        least = as_float(panel.pop("minSpan", None))
        if least is not None and least > 0:
            fitting = [number for number in _PANELS_PER_ROW if number <= 24 / least]
            if len(fitting) < len(_PANELS_PER_ROW):
                panel["maxPerRow"] = fitting[-1] if fitting else 1


def v18(dashboard: Json) -> None:
    """`options-gauge` become options, the thresholds in rising order."""
    for panel in top_panels(dashboard):
        old = panel.get("options-gauge")
        if isinstance(old, dict):
            del panel["options-gauge"]
            moved = {*_GAUGE_VALUE_OPTIONS, "thresholds", "options"}
            panel["options"] = {key: value for key, value in old.items() if key not in moved}
            panel["options"]["valueOptions"] = {key: old[key] for key in _GAUGE_VALUE_OPTIONS if key in old}
            if isinstance(old.get("thresholds"), list) and old["thresholds"]:
                panel["options"]["thresholds"] = old["thresholds"][::-1]


def v19(dashboard: Json) -> None:
    """Links of panels get an address."""
    for panel in all_panels(dashboard):
        if isinstance(panel.get("links"), list):
            panel["links"] = [_link(link) for link in objects(panel["links"])]


def _link(old: Json) -> Json:
    link: Json = {"url": _address(old), "title": text(old.get("title"))}
    if old.get("targetBlank") is True:
        link["targetBlank"] = True
    return link


def _address(link: Json) -> str:
    url = text(link.get("url"))
    if not url and text(link.get("dashboard")):
        url = "dashboard/db/" + _slug(link["dashboard"])
    elif not url and text(link.get("dashUri")):
        url = "dashboard/" + link["dashUri"]
    url = url or "/"
    for query in (
        "$__url_time_range" if link.get("keepTime") is True else "",
        "$__all_variables" if link.get("includeVars") is True else "",
        text(link.get("params")),
    ):
        if query:
            url += ("" if url.endswith("?") else "&" if "?" in url else "?") + query
    return url


def _slug(name: str) -> str:
    return re.sub(" +", "-", re.sub("[^a-z0-9_ ]+", "", name.lower()))


def v20(dashboard: Json) -> None:
    """Variables of data links and of field titles get dots."""
    for panel in top_panels(dashboard):
        for link in _data_links(panel):
            if isinstance(link.get("url"), str):
                link["url"] = _with_dots(link["url"])
        defaults = _field_defaults(panel)
        if isinstance(defaults.get("title"), str):
            defaults["title"] = _with_dots(defaults["title"])


def _with_dots(value: str) -> str:
    return _OLD_VARIABLE.sub(lambda match: _NEW_VARIABLES[match[0]], value)


def v21(dashboard: Json) -> None:
    """Labels belong to the field."""
    for panel in top_panels(dashboard):
        for link in _data_links(panel):
            if isinstance(link.get("url"), str):
                link["url"] = link["url"].replace("__series.labels", "__field.labels")


def _field_defaults(panel: Json) -> Json:
    return mapping(mapping(mapping(panel.get("options")).get("fieldOptions")).get("defaults"))


def _data_links(panel: Json) -> Iterator[Json]:
    yield from objects(mapping(panel.get("options")).get("dataLinks"))
    yield from objects(_field_defaults(panel).get("links"))


def v22(dashboard: Json) -> None:
    for panel in top_panels(dashboard):
        if panel.get("type") == "table":
            for style in objects(panel.get("styles")):
                style["align"] = "auto"


def v23(dashboard: Json) -> None:
    """The choice of a variable is a list where it is multi, else one value."""
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        current = variable.get("current")
        if not isinstance(current, dict) or not current or not isinstance(variable.get("multi"), bool):
            continue
        if variable["multi"]:
            if "value" in current and not isinstance(current["value"], list):
                current["value"] = [current["value"]]
                if "text" in current and not isinstance(current["text"], list):
                    current["text"] = [current["text"]]
        else:
            for key in ("value", "text"):
                if isinstance(current.get(key), list):
                    current[key] = current[key][0] if current[key] else ""


def v24(dashboard: Json) -> None:
    """A table with styles is the old table. Its styles stay for the frontend to convert."""
    for panel in top_panels(dashboard):
        if panel.get("type") == "table" and panel.get("styles") is not None and panel.get("table") != "table2":
            panel["autoMigrateFrom"] = "table-old"


def v26(dashboard: Json) -> None:
    for panel in top_panels(dashboard):
        if panel.get("type") == "text2":
            panel["type"] = "text"
            mapping(panel.get("options")).pop("angular", None)


def v27(dashboard: Json) -> None:
    """Panels that a repetition left behind go; a constant that is shown becomes a text box."""
    if isinstance(dashboard.get("panels"), list):
        dashboard["panels"] = [
            panel for panel in top_panels(dashboard) if "repeatPanelId" not in panel and "repeatByRow" not in panel
        ]
        for panel in top_panels(dashboard):
            if panel.get("type") == "row" and isinstance(panel.get("panels"), list):
                panel["panels"] = [inner for inner in objects(panel["panels"]) if "repeatPanelId" not in inner]
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        if variable.get("type") == "constant":
            _upgrade_constant(variable)


def _upgrade_constant(variable: Json) -> None:
    query = text(variable.get("query"))
    variable["query"] = query
    variable["current"] = {"selected": True, "text": query, "value": query}
    variable["options"] = [dict(variable["current"])]
    hide = variable.get("hide")
    if is_number(hide) and not isinstance(hide, Converted) and hide in (0, 1):
        variable["type"] = "textbox"


def v28(dashboard: Json) -> None:
    """Tags of variables go. A singlestat becomes a stat when the dashboard is saved (save_model.py)."""
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        variable.pop("tags", None)
        for key in ("tagsQuery", "tagValuesQuery"):
            if text(variable.get(key)):
                del variable[key]
        if variable.get("useTags") is True:
            del variable["useTags"]


def v29(dashboard: Json) -> None:
    """A query's variable is refreshed, and its options are not kept."""
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        if variable.get("type") == "query":
            if as_integer(variable.get("refresh")) not in (1, 2):
                variable["refresh"] = 1
            if isinstance(variable.get("options"), list) and variable["options"]:
                variable["options"] = []
