"""When two alerting documents are the same to Grafana: each thing is brought to one form, and the forms are compared.

What is left out here is all that an import may change. docs/import.md lists it with the reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.matchers import matchers
from dashgen.adopt.normalise import Named, pruned, reference, sql_target
from dashgen.grafana.durations import seconds
from dashgen.grafana.provisioning_variables import map_texts
from dashgen.model.alerting.expression import substitute

Json = dict[str, Any]
Text = Callable[[str], str]
"""What a text of the document that Grafana expands in files is there: `escape` or `texts.expanded`."""
EXPRESSION_UIDS = frozenset({"__expr__", "-100"})
"""Data sources of expressions; the second one is that of Grafana 8."""
INTERVAL_MS, MAX_DATA_POINTS = 1000, 43200
"""What Grafana fills in (seen 12.4)."""
_SPELLINGS = {
    "keep_firing_for": "keepFiringFor",
    "no_data_state": "noDataState",
    "exec_err_state": "execErrState",
    "is_paused": "isPaused",
    "missingSeriesEvalsToResolve": "missing_series_evals_to_resolve",
    "notificationSettings": "notification_settings",
    "dashboardUID": "dashboardUid",
    "panelID": "panelId",
}
"""Keys of the API and of the ruler's API, and those of files."""
_OF_SERVER = frozenset(
    {"id", "orgID", "orgId", "folderUID", "folderUid", "ruleGroup", "rule_group", "namespace_uid", "namespace_id"}
    | {"updated", "updated_by", "updatedBy", "provenance", "version", "guid", "intervalSeconds", "metadata", "expr"}
)
"""Keys of the API that say where a rule is kept, and since when."""
_NO_DATA, _ON_ERROR = "NoData", "Alerting"
"""What a file means that does not say them (docs, file provisioning, 12.3)."""


def text_of(value: object, place: str, what: str) -> str:
    """Of a scalar that Grafana reads as a text: go-yaml takes any scalar for one. Raises AlertingError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise AlertingError(f"{what} is no text", path=place)


def length(value: object, place: str, what: str) -> float:
    """Seconds of a duration. The API gives some as numbers. Raises AlertingError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return seconds(str(value).strip())
    except ValueError as error:
        raise AlertingError(f"{what}: {error}", path=place) from None


def rule(given: Json, text: Text, named: Named, place: str) -> Json:
    """An alert rule of any of the APIs or of a file. Raises AlertingError for a part that is no mapping."""
    out = {_SPELLINGS.get(key, key): item for key, item in given.items() if key not in _OF_SERVER and item is not None}
    for key in ("uid", "title", "condition", "noDataState", "execErrState", "dashboardUid"):
        if key in out:
            out[key] = text(text_of(out[key], place, key))
    for key in ("labels", "annotations"):
        if not isinstance(out.setdefault(key, {}), dict):
            raise AlertingError(f"{key} is no mapping", path=place)
    labels = {name: text(text_of(item, place, f"labels.{name}")) for name, item in pruned(out["labels"]).items()}
    notes = {name: text_of(item, place, f"annotations.{name}") for name, item in pruned(out["annotations"]).items()}
    out["dashboardUid"] = notes.pop("__dashboardUid__", "") or out.get("dashboardUid", "")
    out["panelId"] = _panel(notes.pop("__panelId__", None) or out.get("panelId") or 0, place)
    out |= {"labels": labels, "annotations": notes}
    out["steps"] = _steps(out.pop("data", None), text, named, place)
    for key in ("for", "keepFiringFor"):
        out[key] = length(out.get(key) or 0, place, key)
    if isinstance(out.get("notification_settings"), dict):
        out["notification_settings"] = _settings(out["notification_settings"], text, place)
    if isinstance(out.get("record"), dict):
        out["record"] = _record(out["record"], text, place)
    usual = {
        "noDataState": _NO_DATA, "execErrState": _ON_ERROR, "for": 0, "keepFiringFor": 0, "isPaused": False,
        "dashboardUid": "", "panelId": 0, "missing_series_evals_to_resolve": 0, "condition": "",
    }  # fmt: skip
    for key, item in usual.items():
        if key in out and out[key] == item:
            del out[key]
    return out


def _panel(value: object, place: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise AlertingError("panelId is not a number", path=place) from None


def _settings(given: Json, text: Text, place: str) -> Json:
    out = {key: item for key, item in pruned(given).items() if item not in ("", [])}
    for key in ("group_wait", "group_interval", "repeat_interval"):
        if key in out:
            out[key] = length(out[key], place, f"notification_settings.{key}")
    mapped: Json = map_texts(out, text)
    return mapped


def _record(given: Json, text: Text, place: str) -> Json:
    names = {"target_datasource_uid": "targetDatasourceUid"}
    return {names.get(key, key): map_texts(item, text) for key, item in pruned(given).items() if item != ""}


def _steps(given: object, text: Text, named: Named, place: str) -> Json:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise AlertingError("data is no list of queries and expressions", path=place)
    out: Json = {}
    for one in given:
        model = one.get("model")
        if not isinstance(model, dict):
            raise AlertingError("a query has no model", path=place)
        name = text_of(one.get("refId", model.get("refId")), place, "refId")
        if name in out:
            raise AlertingError(f"two queries have the refId {name!r}", path=place)
        uid = text(text_of(one.get("datasourceUid") or "", place, "datasourceUid"))
        if uid in EXPRESSION_UIDS:
            out[name] = expression(model)
        else:
            out[name] = _query(one, model, uid, named, place)
    return out


def _query(step: Json, model: Json, uid: str, named: Named, place: str) -> Json:
    held = model.get("datasource")
    kind = held.get("type") if isinstance(held, dict) else None
    asked = reference({"uid": uid} | ({"type": kind} if kind else {}), named)
    model = pruned(model)
    if step.get("queryType"):
        model.setdefault("queryType", step["queryType"])
    target = sql_target({**model, "datasource": asked}, asked, {})
    for key in ("refId", "hide"):
        target.pop(key, None)
    usual = {"intervalMs": INTERVAL_MS, "maxDataPoints": MAX_DATA_POINTS}
    for key, item in usual.items():
        target.pop(key, None)
        if model.get(key, item) != item:
            target[key] = model[key]
    times = step.get("relativeTimeRange") or {}
    if not isinstance(times, dict):
        raise AlertingError("relativeTimeRange is no mapping", path=place)
    ends = {key: int(length(times.get(key) or 0, place, "relativeTimeRange")) for key in ("from", "to")}
    return {"query": target, **ends}


_RANGES = ("within_range", "outside_range", "within_range_included", "outside_range_included")


def expression(model: Json) -> Json:
    """What Grafana reads of an expression (pkg/expr, read 12.3); its editor leaves more."""
    given = pruned(model)
    kind = given.get("type")
    read = given.get("expression")
    if kind == "math" and isinstance(read, str):
        return {"type": kind, "expression": substitute(read, {})}
    if kind == "reduce" and isinstance(read, str):
        settings = given.get("settings") if isinstance(given.get("settings"), dict) else {}
        mode = settings.get("mode") or ""
        kept = {"mode": mode} if mode else {}
        if mode == "replaceNN":
            kept["replaceWithValue"] = settings.get("replaceWithValue")
        out = {"type": kind, "expression": read.removeprefix("$"), "reducer": given.get("reducer")}
        return out | ({"settings": kept} if kept else {})
    if kind == "resample" and isinstance(read, str):
        keys = ("window", "downsampler", "upsampler")
        return {"type": kind, "expression": read.removeprefix("$"), **{key: given.get(key) for key in keys}}
    if kind == "threshold" and isinstance(given.get("conditions"), list) and given["conditions"]:
        return {"type": kind, "expression": read, "conditions": [_condition(given["conditions"][0])]}
    if kind == "classic_conditions":
        return {"type": kind, "conditions": given.get("conditions")}
    gone = {"refId", "datasource", "datasourceUid", "hide", "intervalMs", "maxDataPoints"}
    return {key: item for key, item in given.items() if key not in gone}


def _condition(given: Any) -> Any:
    """Of a threshold: its operator, query and reducer are an editor's."""
    if not isinstance(given, dict):
        return given
    keys = ("evaluator", "unloadEvaluator", "loadedDimensions")
    return {key: _evaluator(given[key]) if key != "loadedDimensions" else given[key] for key in keys if key in given}


def _evaluator(given: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(given.get("params"), list):
        return given
    count = 2 if given.get("type") in _RANGES else 1
    return {"type": given.get("type"), "params": given["params"][:count]}


_TIMES = ("group_wait", "group_interval", "repeat_interval")
_OF_TREE = frozenset({"orgId", "provenance", "version", "name", "id"})
_MATCHERS = frozenset({"object_matchers", "matchers", "match", "match_re"})


def policy(given: object, text: Text, place: str, *, is_root: bool = True) -> Json:
    """A notification policy with those below it. Raises AlertingError."""
    if not isinstance(given, dict):
        raise AlertingError("a notification policy is no mapping", path=place)
    gone = _MATCHERS | (_OF_TREE if is_root else {"provenance"})
    out = {key: item for key, item in given.items() if key not in gone and item is not None}
    found = [[text(part) for part in one] for one in matchers(given, place)]
    if found or not is_root:
        out["object_matchers"] = found
    for key in _TIMES:
        if key in out:
            out[key] = length(out[key], place, key)
    for key in ("group_by", "mute_time_intervals", "active_time_intervals"):
        if key in out and not isinstance(out[key], list):
            raise AlertingError(f"{key} is no list", path=place)
        if key in out:
            out[key] = [text(text_of(one, place, key)) for one in out[key]]
            if not out[key]:
                del out[key]
    if "receiver" in out:
        out["receiver"] = text(text_of(out["receiver"], place, "receiver"))
        if not out["receiver"]:
            del out["receiver"]
    if not out.get("continue"):
        out.pop("continue", None)
    routes = out.pop("routes", None) or []
    if not isinstance(routes, list):
        raise AlertingError("routes is no list", path=place)
    if routes:
        out["routes"] = [policy(one, text, f"{place}.routes[{at}]", is_root=False) for at, one in enumerate(routes)]
    return out


def mute_timing(given: object, place: str) -> Json:
    """Raises AlertingError."""
    if not isinstance(given, dict) or not isinstance(given.get("time_intervals"), list):
        raise AlertingError("a mute timing has no time_intervals", path=place)
    name = text_of(given.get("name"), place, "name")
    return {"name": name, "time_intervals": [_interval(one, place) for one in given["time_intervals"]]}


def _interval(given: object, place: str) -> Json:
    if not isinstance(given, dict):
        raise AlertingError("a time interval is no mapping", path=place)
    out: Json = {}
    for key, item in pruned(given).items():
        if key == "times" and isinstance(item, list) and all(isinstance(one, dict) for one in item):
            ends = {"start_time": "from", "end_time": "to"}  # those of the Foundation SDK
            out[key] = [
                {end: text_of(one.get(end, one.get(other)), place, end) for end, other in ends.items()} for one in item
            ]
        elif key in ("weekdays", "days_of_month", "months", "years") and isinstance(item, list):
            out[key] = [text for one in item for text in _ranges(one, key, place)]
        elif key == "location":
            out[key] = text_of(item, place, key)
        else:
            raise AlertingError(f"{key} is nothing that a time interval has", path=place)
    return {key: item for key, item in out.items() if item and not (key == "location" and item == "UTC")}


_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def _ranges(given: object, key: str, place: str) -> list[str]:
    """A range as a text. The Foundation SDK has numbers for both ends, and a week that may end with Sunday."""
    if not isinstance(given, dict):
        return [text_of(given, place, key).lower()]
    begin, end = (int(length(given.get(name), place, f"{key}.{name}")) for name in ("begin", "end"))
    if key == "weekdays":
        return [_DAYS[day % 7] for day in range(begin, end + 1)]
    return [str(begin) if begin == end else f"{begin}:{end}"]


def template(given: object, place: str) -> Json:
    """Raises AlertingError."""
    if not isinstance(given, dict):
        raise AlertingError("a template is no mapping", path=place)
    name, text = given.get("name"), given.get("template")
    return {"name": text_of(name, place, "name"), "template": text_of(text, place, "template")}
