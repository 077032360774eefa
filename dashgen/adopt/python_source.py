"""Objects of grafanalib and of the Foundation SDK as sources of an import.

grafanalib 0.7.1 writes schemaVersion 12 and forms of panels that no Grafana reads; each is mended, and named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.adopt.alerting import forms
from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting_source import AlertingSource
from dashgen.adopt.dashboard_source import dashboards
from dashgen.adopt.normalise import pruned
from dashgen.adopt.source_kind import ImportSource, NotThisKind
from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.datasources.plugins import id_of
from dashgen.model.environment import DEFAULT_PLUGIN
from dashgen.render.legacy import MENDED_KINDS, modern, steps

Json = dict[str, Any]
_FAULTS = {
    "alertlist": "the list of the alerting before Grafana 9",
    "bargauge": "fieldOptions of Grafana 6",
    "dashlist": "options beside `options`",
    "gauge": "what is reduced, and how, in its field config",
    "heatmap": "the heatmap before Grafana 9",
    "news": "useProxy, which is no option",
}
"""What grafanalib writes of a kind, and Grafana does not read."""


def sources(library: str, data: Any, origin: str) -> Iterator[ImportSource]:
    """The dashboards or the alerting of an object's JSON. Raises NotThisKind."""
    if forms.is_alerting(data):
        try:
            forms.read(pruned(data), lambda _: None)
        except AlertingError as error:
            raise NotThisKind(f"{error.path}: {error.message}" if error.path else error.message, error.hint) from None
        yield AlertingSource(origin, pruned(data))
        return
    notes: list[str] = []
    data = pruned(data)
    if library == "grafanalib" and isinstance(data, dict):
        data = _mended(data, notes)
    if library and isinstance(data, dict):
        _mend_variables(data)
    try:
        for one in dashboards(data, origin):
            yield one.with_notes(notes)
    except DashboardError as error:
        raise NotThisKind(str(error), "give a dashboard or a group of alert rules") from None


def _mended(board: Json, notes: list[str]) -> Json:
    """A dashboard of grafanalib whose panels have the form that Grafana reads."""
    out = {key: item for key, item in board.items() if key != "__inputs" or item}
    for key in ("panels", "rows"):
        if isinstance(out.get(key), list):
            out[key] = [_panel(one, notes) for one in out[key] if isinstance(one, dict)]
    return out


def _panel(panel: Json, notes: list[str]) -> Json:
    out = dict(panel)
    if isinstance(out.get("panels"), list):  # of a row
        out["panels"] = [_panel(one, notes) for one in out["panels"] if isinstance(one, dict)]
    kind, title = str(out.get("type") or ""), str(out.get("title") or out.get("type") or "panel")
    if kind in MENDED_KINDS:
        kept: Json = {key: out[key] for key in ("gridPos", "id", "span") if key in out}
        before, out = out, {**modern(out), **kept}
        if {*before} - {*out, "editable", "error"} or before.get("options") != out.get("options"):
            notes.append(f"{title!r}: mended what grafanalib writes of a {kind}: {_FAULTS[kind]}")
    config = out.get("fieldConfig")
    defaults = config.get("defaults") if isinstance(config, dict) else None
    if isinstance(defaults, dict) and isinstance(config, dict):
        out["fieldConfig"] = {**config, "defaults": _field_defaults(dict(defaults), title, notes)}
    if isinstance(out.get("targets"), list):
        out["targets"] = [_target(one) for one in out["targets"] if isinstance(one, dict)]
        if any(one.get("rawSql") for one in out["targets"]) and not isinstance(out.get("datasource"), dict):
            name = str(out.get("datasource") or DEFAULT_PLUGIN)
            out["datasource"] = {"type": id_of(DEFAULT_PLUGIN), "uid": name}
            note = f"the datasource {name!r}, which grafanalib gives no type, is taken for QuestDB's plugin"
            notes += [note] if note not in notes else []
    return out


def _mend_variables(board: Json) -> None:
    """Both libraries give every kind of variable what only intervals have; a list of values is not asked for."""
    templating = board.get("templating")
    held = templating.get("list") if isinstance(templating, dict) else None
    for one in held if isinstance(held, list) else ():
        if not isinstance(one, dict) or one.get("type") == "interval":
            continue
        for key in ("auto", "auto_count", "auto_min", *(("refresh", "sort") if one.get("type") == "custom" else ())):
            one.pop(key, None)


def _field_defaults(defaults: Json, title: str, notes: list[str]) -> Json:
    given = defaults.get("thresholds")
    if isinstance(given, dict):
        found = given.get("steps") or []
        if any(isinstance(one, dict) and one.get("value") == "null" for one in found):
            notes.append(f"{title!r}: mended the first threshold, whose value is the text 'null'")
        defaults["thresholds"] = steps(given)
        if not found:
            del defaults["thresholds"]
    if defaults.get("unit") == "":
        del defaults["unit"]
    return defaults


_OF_ALL = frozenset(
    {"expr", "query", "target", "metric", "interval", "legendFormat", "intervalFactor", "step", "instant"}
)
"""Keys that grafanalib gives every target, whatever its datasource."""


def _target(target: Json) -> Json:
    """Without what belongs to other datasources: a target with SQL has no PromQL."""
    if isinstance(target.get("rawSql"), str) and target["rawSql"]:
        return {key: item for key, item in target.items() if key not in _OF_ALL}
    return {key: item for key, item in target.items() if item != "" or key not in _OF_ALL}
