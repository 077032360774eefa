"""The forms in which Grafana exports and serves dashboards, and the classic dashboard in each.

Seen in the answers of a Grafana 12.4.0: the resources of dashboard.grafana.app, `/api/dashboards/uid`, `/api/search`,
its exports of alerting; the export for sharing in published files. Read: library elements (`librarypanels/model`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dashgen.grafana.dashboards.document import DashboardError, Json, at, copied, mapping, objects, text
from dashgen.grafana.dashboards.migrations import LATEST, DataSource, migrate
from dashgen.grafana.dashboards.migrations.model_defaults import name_targets
from dashgen.grafana.dashboards.v2 import Layout, ShownLayout, to_classic
from dashgen.grafana.dashboards.v2.losses import flattens, losses
from dashgen.grafana.dashboards.v2.queries import EXPORT_LABEL

Form = Literal["classic", "api", "export", "v1 resource", "v2 resource", "v2 spec", "library panel"]

GROUP = "dashboard.grafana.app/"
CLASSIC_VERSIONS = ("v0alpha1", "v1alpha1", "v1beta1", "v1")
V2_VERSIONS = ("v2alpha1", "v2beta1", "v2")
FOLDER = "grafana.app/folder"
"""The annotation of a resource that names the uid of its folder."""
GRAFANA = "grafana"
GRAFANA_UIDS = frozenset({"-- Grafana --", "grafana"})
REFRESH_INTERVALS = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"]
"""What the v2 form has where a classic dashboard says nothing (seen 12.4)."""


@dataclass(frozen=True, slots=True)
class Input:
    """A value that an export for sharing asks for when it is imported, written as `${name}` in the dashboard."""

    name: str
    kind: str
    """`datasource`, `constant` or `expression`."""
    plugin: str
    value: str


@dataclass(frozen=True, slots=True)
class DashboardDocument:
    """A dashboard in its classic form, and what its document says beside it."""

    form: Form
    uid: str
    """Empty where the document has none."""
    folder: str
    """The uid of a folder; empty for none."""
    dashboard: Json
    """Of schema version 42, without uid."""
    notes: tuple[str, ...] = ()
    """What changed on the way, for a report."""
    inputs: tuple[Input, ...] = ()
    """Data sources that the document leaves open."""


def read_form(
    data: object, *, sources: Iterable[DataSource] = (), inputs: Mapping[str, str] | None = None, pointer: str = "$"
) -> DashboardDocument:
    """The one dashboard of a document. Raises DashboardError with the reason where there is none, or more than one.

    `sources` are the data sources of the server that it comes from; `inputs` are values for what an export asks for.
    """
    found = read_forms(data, sources=sources, inputs=inputs, pointer=pointer)
    if len(found) != 1:
        raise DashboardError(f"expected one dashboard, got a list of {len(found)}", pointer)
    return found[0]


def read_forms(
    data: object, *, sources: Iterable[DataSource] = (), inputs: Mapping[str, str] | None = None, pointer: str = "$"
) -> tuple[DashboardDocument, ...]:
    """The dashboards of a document: of a list of them, or of one of any form."""
    listed = _listed(data, pointer)
    if listed is None:
        return (_read(copied(data, pointer), tuple(sources), inputs or {}, pointer),)
    sources = tuple(sources)
    return tuple(_read(copied(item, place), sources, inputs or {}, place) for item, place in listed)


def _listed(data: object, pointer: str) -> list[tuple[object, str]] | None:
    if isinstance(data, list):
        for keys, reason in _NO_DASHBOARDS_IN_LISTS:
            if any(keys <= item.keys() for item in objects(data)):
                raise DashboardError(f"no dashboard, but {reason}", pointer)
        return [(item, at(pointer, index)) for index, item in enumerate(data)]
    version = text(mapping(data).get("apiVersion"))
    if isinstance(data, dict) and isinstance(data.get("items"), list) and text(data.get("kind")).endswith("List"):
        if not version.startswith(GROUP):
            raise DashboardError(f"no dashboards, but a {data['kind']} of {version or 'no version'}", pointer)
        filled = [{"apiVersion": version, **item} if isinstance(item, dict) else item for item in data["items"]]
        return [(item, at(pointer, "items", index)) for index, item in enumerate(filled)]
    return None


def _read(data: Any, sources: tuple[DataSource, ...], inputs: Mapping[str, str], pointer: str) -> DashboardDocument:
    if not isinstance(data, dict):
        raise DashboardError(f"expected a dashboard, an object of JSON, got {_kind_of(data)}", pointer)
    reader = _Reader(sources, inputs)
    version = text(data.get("apiVersion"))
    if version.startswith(GROUP) and isinstance(data.get("spec"), dict):
        return reader.resource(data, version.removeprefix(GROUP), pointer)
    if isinstance(data.get("dashboard"), dict):
        return reader.wrapped(data, pointer)
    if _is_v2(data):
        return reader.v2("v2 spec", data, "", "", pointer)
    element = data.get("result", data)
    if isinstance(element, dict) and isinstance(element.get("model"), dict):
        return reader.library_panel(element, pointer if element is data else at(pointer, "result"))
    if _is_classic(data):
        form: Form = "export" if any(key in data for key in ("__inputs", "__requires", "__elements")) else "classic"
        return reader.classic(form, data, text(data.get("uid")), "", pointer)
    raise DashboardError(f"no dashboard, but {_reason(data)}", pointer)


def _is_v2(data: Json) -> bool:
    return isinstance(data.get("elements"), dict) and isinstance(data.get("layout"), dict)


def _is_classic(data: Json) -> bool:
    if any(key in data for key in ("panels", "rows", "schemaVersion")):
        return "targets" not in data and "gridPos" not in data
    lists = (mapping(data.get(key)).get("list") for key in ("templating", "annotations"))
    return "title" in data and (any(isinstance(found, list) for found in lists) or "timepicker" in data)


_EMPTY_QUERY = [{"refId": "A"}]
"""What becomes of a query of the v2 form that says nothing (seen 12.4)."""


@dataclass(frozen=True)
class _Reader:
    sources: tuple[DataSource, ...]
    inputs: Mapping[str, str]

    def resource(self, data: Json, version: str, pointer: str) -> DashboardDocument:
        kind = text(data.get("kind"), "Dashboard")
        if kind not in ("Dashboard", "DashboardWithAccessInfo"):
            raise DashboardError(f"no dashboard, but a {kind} of {GROUP}{version}", pointer)
        metadata = mapping(data.get("metadata"))
        uid = text(metadata.get("name"))
        folder = text(mapping(metadata.get("annotations")).get(FOLDER))
        place = at(pointer, "spec")
        if version in V2_VERSIONS:
            return self.v2("v2 resource", data["spec"], uid, folder, place)
        if version in CLASSIC_VERSIONS:
            return self.classic("v1 resource", data["spec"], uid, folder, place)
        known = ", ".join((*CLASSIC_VERSIONS, *V2_VERSIONS))
        raise DashboardError(f"expected a version of dashboards ({known}), got {version!r}", at(pointer, "apiVersion"))

    def wrapped(self, data: Json, pointer: str) -> DashboardDocument:
        """`{dashboard, meta}` of an answer, and `{dashboard, folderUid, inputs}` of a request."""
        dashboard = data["dashboard"]
        meta = mapping(data.get("meta"))
        folder = text(meta.get("folderUid")) or text(data.get("folderUid"))
        uid = text(dashboard.get("uid")) or text(meta.get("uid"))
        given = {text(one.get("name")): text(one.get("value")) for one in objects(data.get("inputs"))}
        reader = _Reader(self.sources, {**given, **self.inputs})
        place = at(pointer, "dashboard")
        if _is_v2(dashboard):
            return reader.v2("api", dashboard, uid, folder, place)
        return reader.classic("api", dashboard, uid, folder, place)

    def v2(self, form: Form, spec: Json, uid: str, folder: str, pointer: str) -> DashboardDocument:
        """What has no place in the classic form is placed as Grafana 12.4 places it, panels on the line of their row's
        header among it (seen); where all has one, as a browser shows it, which is the classic form that it came from.
        """
        layout = Layout if flattens(spec) else ShownLayout
        made = to_classic(spec, pointer=pointer, layout=layout)
        unnamed = {panel.get("id") for panel in _panels(made) if panel.get("targets") == _EMPTY_QUERY}
        dashboard = _filled(migrate(made), self.inputs)
        for panel in _panels(dashboard):
            if panel.get("id") in unnamed:  # the migration takes it for a default of a panel that has no query
                panel["targets"] = copied(_EMPTY_QUERY)
        _forget_guesses(dashboard)
        left = {one.name: one for one in _labels(spec) if one.name not in self.inputs}
        return DashboardDocument(form, uid, folder, dashboard, losses(spec), tuple(left[name] for name in sorted(left)))

    def classic(self, form: Form, data: Json, uid: str, folder: str, pointer: str) -> DashboardDocument:
        found = tuple(_inputs(data))
        values = {one.name: one.value for one in found if one.kind == "constant" and one.value} | dict(self.inputs)
        notes = [f"input {one.name}: {one.value or 'empty'}" for one in found if one.kind == "constant"]
        placed = _place_elements(data)
        notes += [f"library panel {name!r} became a panel" for name in placed]
        references = _names_of_library_panels(data)
        if references:
            notes.append("kept as references to library panels of the server: " + ", ".join(references))
        try:
            dashboard = migrate(_filled(data, values), sources=self.sources)
        except DashboardError as error:
            raise DashboardError(error.problem, pointer + error.pointer.removeprefix("$")) from None
        for panel in _panels(dashboard):
            name_targets(panel.get("targets"))  # as the browser does; the server skips those that were in rows
        left = tuple(one for one in found if one.name not in values)
        return DashboardDocument(form, uid, folder, dashboard, tuple(notes), left)

    def library_panel(self, element: Json, pointer: str) -> DashboardDocument:
        """As a dashboard of one panel, named as the library panel."""
        name = text(element.get("name")) or text(element["model"].get("title"))
        panel = {**element["model"], "id": 1, "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}}
        panel.pop("libraryPanel", None)
        folder = text(element.get("folderUid")) or text(mapping(element.get("meta")).get("folderUid"))
        data = {"title": name, "schemaVersion": LATEST, "panels": [panel]}
        return self.classic("library panel", data, text(element.get("uid")), folder, at(pointer, "model"))


def _inputs(data: Json) -> Iterable[Input]:
    for one in objects(data.get("__inputs")):
        if text(one.get("name")):
            yield Input(one["name"], text(one.get("type")), text(one.get("pluginId")), text(one.get("value")))


def _labels(value: Any) -> Iterable[Input]:
    """Data sources that an export of the v2 form has labels for."""
    if isinstance(value, dict):
        label = text(mapping(value.get("labels")).get(EXPORT_LABEL))
        if label and value.get("group") != GRAFANA:
            yield Input(label, "datasource", text(value.get("group")), "")
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _labels(item)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """With the values of inputs in the place of `${name}`, in every text but the list of inputs."""
    if not values:
        return value
    if isinstance(value, str):
        for name, given in values.items():
            value = value.replace("${" + name + "}", given)
        return value
    if isinstance(value, dict):
        return {key: item if key == "__inputs" else _filled(item, values) for key, item in value.items()}
    return [_filled(item, values) for item in value] if isinstance(value, list) else value


def _panels(data: Json) -> Iterable[Json]:
    rows = [panel for row in objects(data.get("rows")) for panel in objects(row.get("panels"))]
    for panel in (*objects(data.get("panels")), *rows):
        yield panel
        yield from objects(panel.get("panels"))


def _place_elements(data: Json) -> list[str]:
    """Put the panels of an export's `__elements` where the dashboard refers to them. Returns their names."""
    elements = data.get("__elements")
    listed = {text(one.get("uid")): one for one in objects(elements)}
    by_uid = {**listed, **{uid: one for uid, one in mapping(elements).items() if isinstance(one, dict)}}
    placed = []
    for panel in _panels(data):
        element = by_uid.get(text(mapping(panel.get("libraryPanel")).get("uid")), {})
        if isinstance(element.get("model"), dict):
            replaced: Json = {**copied(element["model"])}
            replaced.update({key: panel[key] for key in ("id", "gridPos") if key in panel})
            panel.clear()
            panel.update(replaced)
            panel.pop("libraryPanel", None)
            placed.append(text(element.get("name")))
    return placed


def _names_of_library_panels(data: Json) -> list[str]:
    references = [panel["libraryPanel"] for panel in _panels(data) if isinstance(panel.get("libraryPanel"), dict)]
    return [text(one.get("name")) or text(one.get("uid")) for one in references]


def _forget_guesses(dashboard: Json) -> None:
    """Take out what the server filled in for the v2 form: intervals, and Grafana's own plugin for an unknown one."""
    timepicker = mapping(dashboard.get("timepicker"))
    if timepicker.get("refresh_intervals") == REFRESH_INTERVALS:
        del timepicker["refresh_intervals"]
    for query in objects(mapping(dashboard.get("annotations")).get("list")):
        if query.get("builtIn") == 1:
            query.setdefault("datasource", {"type": GRAFANA, "uid": "-- Grafana --"})
    for panel in _panels(dashboard):
        for owner in (panel, *objects(panel.get("targets"))):
            _forget_plugin(owner)
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        _forget_plugin(variable)


def _forget_plugin(owner: Json) -> None:
    reference = owner.get("datasource")
    if isinstance(reference, dict) and reference.get("type") == GRAFANA and reference.get("uid") not in GRAFANA_UIDS:
        del reference["type"]
        if not reference:
            del owner["datasource"]


_ALERTING = {
    "groups": "alert rules",
    "contactPoints": "contact points",
    "policies": "notification policies",
    "muteTimes": "mute timings",
    "templates": "notification templates",
}


def _reason(data: Json) -> str:
    """What a document is that is no dashboard."""
    version = text(data.get("apiVersion"))
    if not data:
        return "an empty object"
    exported = [name for key, name in _ALERTING.items() if isinstance(data.get(key), list)]
    if exported and data.get("apiVersion") == 1:
        return f"an export of {', '.join(exported)}"
    answer = text(data.get("message")) or text(data.get("error"))
    if answer:
        return f"an answer of a server: {answer}"
    if version and data.get("kind"):
        return f"a {data['kind']} of {version}"
    for keys, reason in _NO_DASHBOARDS:
        if keys <= data.keys():
            return reason
    return "an object with " + ", ".join(sorted(data)[:8])


_NO_DASHBOARDS: tuple[tuple[set[str], str], ...] = (
    ({"hits", "totalHits"}, "the result of a search"),
    ({"versions"}, "a list of a dashboard's versions"),
    ({"providers"}, "a file of dashboard providers"),
    ({"datasources"}, "a file of data sources"),
    ({"redirectUri"}, "the address of a home dashboard"),
    ({"receiver", "group_by"}, "a notification policy"),
    ({"condition", "data"}, "an alert rule"),
    ({"rules", "interval"}, "a group of alert rules"),
    ({"time_intervals"}, "a mute timing"),
    ({"template", "name"}, "a notification template"),
    ({"settings", "type"}, "a contact point"),
    ({"slug", "status"}, "the answer to a dashboard that was saved"),
    ({"gridPos"}, "a panel"),
    ({"targets"}, "a panel"),
    ({"access", "jsonData"}, "a data source"),
    ({"uid", "title", "url"}, "a folder or the result of a search"),
    ({"uid", "title"}, "a folder"),
    ({"openapi"}, "a description of an API"),
)
"""Members that tell what a document is, the more telling ones first."""

_NO_DASHBOARDS_IN_LISTS: tuple[tuple[set[str], str], ...] = (
    ({"type", "uri", "slug"}, "the result of a search"),
    ({"access", "jsonData"}, "a list of data sources"),
    ({"condition", "data"}, "a list of alert rules"),
    ({"time_intervals"}, "a list of mute timings"),
    ({"template", "name"}, "a list of notification templates"),
    ({"settings", "type"}, "a list of contact points"),
)


def _kind_of(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else names[type(value)]
