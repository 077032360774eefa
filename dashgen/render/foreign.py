"""Panels and dashboards of the Foundation SDK and of grafanalib, brought to the form that dashgen's own have.

grafanalib (0.7.1) writes schemaVersion 12, nulls for what is not set, and targets of its own; both know datasources
by a name or not at all. What can be mended is mended, the rest is found by validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from dashgen.grafana.datasources.frames import Format
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugin import DatasourcePlugin
from dashgen.grafana.datasources.plugins import AUTHORS, PLUGINS, id_of
from dashgen.model.core.ids import panel_id, slug
from dashgen.model.core.problems import Problem
from dashgen.model.core.suggestions import listed
from dashgen.model.dashboards.foreign import DOCUMENT, ForeignDashboard, ForeignPanel
from dashgen.model.dashboards.query import REF_IDS
from dashgen.model.environment import Environment
from dashgen.render.layout import GridPosition, reflowed
from dashgen.render.legacy import Json, modern
from dashgen.sql.lexer import dashboard_names, variable_names


def pruned(value: Any) -> Any:
    """JSON data without nulls: where a library writes null, Grafana means "not set"."""
    if isinstance(value, dict):
        return {k: pruned(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [pruned(v) for v in value]
    return value


def _of_document(panel: Json) -> Json:
    """A panel of Grafana's newest form, without what a provisioned file gives anew. Grafana's migration gives panels
    that ask nothing an empty target."""
    gone = ("editable", "error", "gridPos", "id", "pluginVersion")
    out = {key: item for key, item in panel.items() if key not in gone and not (key == "links" and not item)}
    targets = [one for one in out.pop("targets", None) or [] if {*one} - {"datasource", "hide", "refId"}]
    if targets:
        return out | {"targets": targets}
    return {key: item for key, item in out.items() if key != "datasource"}


def refer(environment: Environment, given: object) -> Json | None:
    """A datasource by a logical name, a uid, a name or a {type, uid}, as the environment has it."""
    wanted = str((given.get("uid") if isinstance(given, dict) else given) or "")
    kind = given.get("type") if isinstance(given, dict) else None
    if wanted.startswith("--") or wanted == "grafana":
        return {"type": "datasource", "uid": wanted}
    if wanted.startswith("$"):  # a datasource variable: the viewer chooses
        return {"type": kind or first_type(environment), "uid": wanted}
    for logical, ds in environment.datasources.items():
        by_type = wanted == "" and kind == id_of(ds.plugin)
        # what people call it who gave it no name here
        names = (logical, ds.uid, environment.datasource_name(ds), ds.name or "QuestDB", "default")
        if by_type or (wanted == "" and kind is None) or wanted in names:
            return {"type": id_of(ds.plugin), "uid": environment.uid_prefix + ds.uid}
    return given if isinstance(given, dict) and kind else None


def first_type(environment: Environment) -> str:
    return next((id_of(ds.plugin) for ds in environment.datasources.values()), AUTHORS.id)


def sql_of(target: Json) -> str | None:
    """The SQL of a target, under whichever key its library has it. grafanalib's `rawQuery` is a flag or the text."""
    texts = (target.get(key) for key in ("rawSql", "rawQuery", "query", "expr"))
    return next((text for text in texts if isinstance(text, str) and text.strip()), None)


def _plugin(ref: Json) -> DatasourcePlugin | None:
    """Of a reference to one of the environment's datasources."""
    return next((plugin for plugin in PLUGINS.values() if plugin.id == ref["type"]), None)


class Reader:
    """Brings the queries of one foreign object to the environment's datasources, and notes what can't be."""

    def __init__(self, environment: Environment, owner: ForeignDashboard | ForeignPanel) -> None:
        self.environment, self.owner = environment, owner
        self.problems: list[Problem] = []

    def problem(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.owner.called(), message, hint, self.owner.source, self.owner))

    def refer(self, given: object) -> Json | None:
        return refer(self.environment, given)

    def sql(self, sql: str, plugin: DatasourcePlugin, place: str) -> str:
        """SQL as it is where the datasource knows its macros, else brought over from the QuestDB plugin's."""
        text = cleaned(sql).text
        try:
            if plugin is AUTHORS:
                plugin.macros.check(text)
                return text
            try:
                plugin.macros.check(text)
            except MacroError:
                return plugin.adapted(text).text
        except MacroError as error:
            self.problem(f"{place}: {error}", error.hint)
        return text

    def target(self, target: Json, ref: Json, index: int, place: str) -> Json:
        """A target with SQL, under whichever key its library has it, for the environment's plugin."""
        ref_id = target.get("refId") or REF_IDS[index % len(REF_IDS)]
        sql = sql_of(target)
        plugin = _plugin(ref)
        if sql is None or plugin is None:
            return {**target, "refId": ref_id, "datasource": ref}
        format_: Format = "table" if target.get("format") in ("table", 1) else "time_series"
        return plugin.target(self.sql(sql, plugin, place), ref_id, format_, ref, hide=bool(target.get("hide")))

    def panel(self, data: Json) -> Json:
        """A panel normalised, without place and id."""
        data = pruned(data)
        if data.pop("libraryPanel", None):
            self.problem(
                f"{data.get('title') or 'panel'}: is a library panel, which files can't provision",
                "write the panel out here (grafana#46247)",
            )
        if self.owner.origin == DOCUMENT:
            out = data = _of_document(data)
        else:
            out = modern(data)
        title = str(data.get("title") or data.get("type") or "panel")
        if data.get("links"):
            out["links"] = self.links(data["links"])
        targets = [t for t in data.get("targets") or [] if isinstance(t, dict)]
        own = self.refer(data.get("datasource"))
        if not targets:
            out.pop("targets", None)
            if "datasource" in out and not isinstance(out["datasource"], dict):
                out["datasource"] = own
                if own is None:
                    self.problem(f"{title}: the environment has no datasource {data['datasource']!r}", self._known())
            return out
        out["datasource"] = own
        out["targets"] = []
        for i, target in enumerate(targets):
            given = target.get("datasource") or data.get("datasource")
            ref = self.refer(given)
            if ref is None:
                name = self.environment.name
                self.problem(f"{title}: environment {name!r} has no datasource {given!r}", self._known())
                ref = {"type": first_type(self.environment), "uid": "unknown"}
            out["targets"].append(self.target(target, ref, i, title))
        refs = [t["refId"] for t in out["targets"]]
        for ref_id in sorted({r for r in refs if refs.count(r) > 1}):
            self.problem(f"{title}: two queries have the refId {ref_id!r}", "Grafana would show the last one only")
        if out["datasource"] is None:
            out["datasource"] = out["targets"][0]["datasource"]
        return out

    def _known(self) -> str:
        return f"it has {listed(self.environment.datasources)}"

    def variable(self, data: Json) -> Json:
        out = {k: v for k, v in data.items() if k not in ("tagsQuery", "tagValuesQuery", "useTags", "tags", "auto_min")}
        if isinstance(out.get("current"), dict):
            current = {k: v for k, v in out.pop("current").items() if k != "tags"}
            if "value" in current:
                out["current"] = current
        if data.get("type") == "query":
            out.setdefault("refresh", 1)  # without it the list of values stays empty
            ref = self.refer(data.get("datasource"))
            if ref:
                out["datasource"] = ref
                query = out.get("query")
                if isinstance(query, str):
                    out["query"] = out["definition"] = self.sql(
                        query, _plugin(ref) or AUTHORS, f"variable {data.get('name')}"
                    )
        return out

    def links(self, links: list[Json]) -> list[Json]:
        return [self._placed(link) for link in links]

    def _placed(self, data: Json) -> Json:
        """A link or an annotation above the panels. The SDK (0.0.21) puts each into the menu, whatever its author says:
        there is no way to tell who meant it."""
        return {k: v for k, v in data.items() if k != "placement"} if self.owner.origin == "sdk" else dict(data)

    def annotation(self, data: Json) -> Json:
        """An annotation with SQL, under whichever key its library has it."""
        out = self._placed(data)
        ref = self.refer(data.get("datasource"))
        if ref and ref["type"] != "datasource":
            sql = next((out.pop(k) for k in ("rawSql", "rawQuery", "query") if isinstance(out.get(k), str)), None)
            target = dict(out.get("target") or ({"rawSql": sql, "format": "table"} if sql else {}))
            if target:
                place = f"annotation {data.get('name')}"
                out["target"] = self.target({"refId": "Anno", **target}, ref, 0, place)
            out.setdefault("enable", True)
            out.setdefault("iconColor", "red")
        if ref:
            out["datasource"] = ref
        return out


class ForeignJson(NamedTuple):
    """A foreign object in the form of dashgen's own, and what is wrong with it."""

    data: Json
    problems: tuple[Problem, ...]


def foreign_panel(panel: ForeignPanel, environment: Environment) -> ForeignJson:
    """A foreign panel, without id and place."""
    read = Reader(environment, panel)
    return ForeignJson(read.panel(panel.data), tuple(read.problems))


def placed(panel: ForeignPanel, place: GridPosition, environment: Environment) -> Json:
    """A foreign panel among dashgen's own."""
    return {
        **foreign_panel(panel, environment).data,
        "id": panel_id(panel.slug),
        "gridPos": {"h": place.h, "w": place.w, "x": place.x, "y": place.y},
    }


def walk(panels: list[Json]) -> Iterator[Json]:
    for panel in panels:
        yield panel
        if panel.get("type") == "row":
            yield from panel.get("panels") or []


def _ids(panels: list[Json]) -> None:
    """Ids from titles where they are taken to be unique, so that moving changes none; a second of one title counts."""
    seen: dict[str, int] = {}
    for panel in panels:
        prefix = "row:" if panel.get("type") == "row" else ""
        key = prefix + (slug(str(panel.get("title") or "")) or "untitled")
        seen[key] = seen.get(key, 0) + 1
        panel["id"] = panel_id(key if seen[key] == 1 else f"{key}#{seen[key]}")


def _old_rows(rows: list[Json]) -> Iterator[Json]:
    """grafanalib's rows, of schemaVersion 12: panels have spans of 12 columns, and no places."""
    for row in rows:
        inner = row.get("panels") or []
        if row.get("showTitle") or row.get("title"):
            yield {"type": "row", "title": row.get("title") or "", "collapsed": False, "panels": []}
        for panel in inner:
            w = min(24, max(1, int(2 * (panel.get("span") or 12 / len(inner)))))
            yield {**panel, "gridPos": {"h": 8, "w": w}}


def _row(panel: Json, nested: list[Json]) -> Json:
    out = {"type": "row", "title": panel.get("title") or "", "collapsed": bool(panel.get("collapsed"))}
    if panel.get("repeat"):
        out["repeat"] = panel["repeat"]
    return {**out, "panels": nested}


_KEPT = ("description", "fiscalYearStartMonth", "liveNow", "preload", "timepicker", "weekStart")
_PICKER = frozenset({"hidden", "nowDelay", "quick_ranges", "refresh_intervals"})


def foreign_dashboard(value: ForeignDashboard, environment: Environment) -> ForeignJson:
    """A foreign dashboard in the form of dashgen's own, for the environment's datasources."""
    data = pruned(value.data)
    read = Reader(environment, value)
    panels: list[Json] = []
    for panel in (*_old_rows(data.get("rows") or []), *(data.get("panels") or [])):
        grid = {"gridPos": panel.get("gridPos") or {}}
        if panel.get("type") == "row":
            nested = [{**read.panel(p), "gridPos": p.get("gridPos") or {}} for p in panel.get("panels") or []]
            panels.append(_row(panel, nested) | grid)
        else:
            panels.append(read.panel(panel) | grid)
    panels = reflowed(panels)
    _ids(list(walk(panels)))
    time = data.get("time") or {}
    out: Json = {
        "annotations": {"list": [read.annotation(a) for a in (data.get("annotations") or {}).get("list") or []]},
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": data.get("graphTooltip") or int(bool(data.get("sharedCrosshair"))),
        "id": None,
        "links": read.links(data.get("links") or []),
        "panels": panels,
        "refresh": data.get("refresh") or "",
        "schemaVersion": 42,
        "tags": list(data.get("tags") or []),
        "templating": {"list": [read.variable(v) for v in (data.get("templating") or {}).get("list") or []]},
        "time": {"from": time.get("from", "now-6h"), "to": time.get("to", "now")},
        "timezone": data.get("timezone") or "browser",
        "title": data.get("title") or "",
        "uid": environment.uid_prefix + value.uid if value.uid else "",
    }
    out |= {key: data[key] for key in _KEPT if data.get(key)}
    if "timepicker" in out:
        out["timepicker"] = {k: v for k, v in out["timepicker"].items() if k in _PICKER}
    _unknown(out, read)
    return ForeignJson(out, tuple(read.problems))


def _unknown(dashboard: Json, read: Reader) -> None:
    """Variables that the dashboard does not have, in its SQL, titles and descriptions."""
    known = {str(v.get("name")) for v in dashboard["templating"]["list"]}
    hint = f"its variables: {listed(sorted(known))}"
    for panel in walk(dashboard["panels"]):
        title = str(panel.get("title") or panel.get("type"))
        queries = [str(t.get("rawSql") or "") for t in panel.get("targets") or []]
        texts = [str(panel.get(key) or "") for key in ("title", "description")]
        found = [*map(dashboard_names, queries), *map(variable_names, texts)]
        names = {name for each in found for name in each if not name[0].isdigit()}
        if panel.get("repeat"):
            names.add(str(panel["repeat"]))
        for name in sorted(names - known):
            read.problem(f"{title}: ${name} is not a variable of this dashboard", hint)
