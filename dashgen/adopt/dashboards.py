"""A dashboard of schemaVersion 42 as an object of the model that renders to the same, up to `normalise`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dashgen.adopt import dashboard_types, normalise
from dashgen.adopt.differences import first_difference, leaves, patch, paths
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.panels import PanelReader
from dashgen.adopt.values import made
from dashgen.adopt.variables import Variables, chosen
from dashgen.model.core.ids import panel_id, slug
from dashgen.model.core.node import Node
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.dashboard import Dashboard, Row
from dashgen.model.dashboards.foreign import RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import DatasourceRef, Query, RawQuery, SharedQuery
from dashgen.model.dashboards.variable import RawVariable
from dashgen.model.environment import Plugin
from dashgen.render.dashboards import dashboard as rendered
from dashgen.render.layout import flow
from dashgen.render.serialise import json_bytes

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a document is said in dashgen's words. `own` leaves are fields of its objects, `by_name` ones are
    checked options by Grafana's names, `raw` ones are kept as they are. Of an own panel nothing is raw but queries of
    other datasources, which are in the words of those anyway."""

    panels: int
    own_panels: int
    leaves: int
    by_name: int
    raw: int

    @property
    def own(self) -> int:
        return self.leaves - self.by_name - self.raw


@dataclass(frozen=True, slots=True)
class Adopted:
    """A dashboard that was read, and what there is to say of it."""

    dashboard: Dashboard
    shares: Shares
    raw_paths: tuple[str, ...]
    unchecked: tuple[tuple[str, str], ...]
    """Panels, variables and annotations with a query that no check looks at, each with the reason."""
    names_asked: tuple[str, ...]
    """Datasources that SQL asks by a name alone, which does not say what they are."""
    undescribed: tuple[str, ...]
    panel_keys: Mapping[object, str]
    """The key of each panel by the id that it had."""
    difference: str
    """Where what it renders differs first from the document, by `normalise`; empty where it does not."""


def adopt(
    document: Json, uid: str, plugins: dict[str, Plugin], claimed: dict[str, str], folder: str = "",
    linked: frozenset[int] = frozenset(),
) -> Adopted:  # fmt: skip
    """The dashboard of a document of schemaVersion 42. `plugins` and `claimed` are as in `ImportScope`; panels whose
    ids are `linked` get a key, by which alert rules name them."""
    dashboard_types.check(document)
    variables = [one for one in (document.get("templating") or {}).get("list") or [] if isinstance(one, dict)]
    scope = ImportScope(plugins, claimed, chosen(variables, plugins))
    form = normalise.normalised(document, scope.named)
    every = list(every_panel(document))
    referred = _referred(form) | {at for at, panel in enumerate(every) if panel.get("id") in linked}
    names = _keys(every, referred)
    keys = {at: key for at, (key, _) in names.items()}
    numbers: dict[object, int] = {panel_id(key): at for at, key in keys.items()}
    reader = PanelReader(scope, keys, numbers)
    rest = Variables(reader)
    rows = tuple(_rows(form, document, names, referred, reader))
    shared = _dashboard(form, rest)
    title = form.get("title", "")
    title = title if title.strip() else uid  # which a raw title takes the place of
    given: Json = {"uid": uid, "title": title, "rows": rows, "imported": True, **shared}
    if folder:
        given["folder"] = folder
    base = Dashboard(**given)
    left = _lacks(base, form, reader)
    left.pop("panels", None)
    if left:
        base = Dashboard(**given, raw=scope.restored(left))
    difference = first_difference(_form(base, reader), form)
    return Adopted(
        base,
        shares(base, form),
        tuple(raw_paths(base)),
        tuple(reader.unchecked),
        tuple(sorted(reader.names_asked)),
        tuple(panel.title or panel.key for panel in base.panels if isinstance(panel, Panel) and _lacks_text(panel)),
        {panel.get("id"): keys[at] for at, panel in enumerate(every) if at in keys},
        difference,
    )


def _lacks_text(panel: Panel) -> bool:
    return bool(panel.targets) and not panel.description


def every_panel(document: Json) -> Iterator[Json]:
    """All panels and rows, in the order of `normalise`."""
    for panel in document.get("panels") or []:
        if isinstance(panel, dict):
            yield panel
            yield from (one for one in panel.get("panels") or [] if isinstance(one, dict))


def _keys(every: list[Json], referred: set[int]) -> dict[int, tuple[str, bool]]:
    """The key of each panel and row by its place, and whether it must be given: its title alone is not enough."""
    found: dict[int, tuple[str, bool]] = {}
    taken: dict[bool, set[str]] = {True: set(), False: set()}
    ids: set[int] = set()
    for at, panel in enumerate(every):
        is_row = panel.get("type") == "row"
        title = str(panel.get("title") or "")
        own = slug(title) if title.strip() else ""
        key, number = _uid(own) if at in referred else own, 2
        while not key or key in taken[is_row] or panel_id(_prefixed(key, is_row)) in ids:
            base = _uid(own) or ("row" if is_row else _uid(str(panel.get("type") or "panel")) or "panel")
            key = base[:34].rstrip("-") + (f"-{number}" if own or number > 2 else "")
            number += 1
        taken[is_row].add(key)
        ids.add(panel_id(_prefixed(key, is_row)))
        found[at] = key, key != own
    return found


def _prefixed(key: str, is_row: bool) -> str:
    return f"row:{key}" if is_row else key


def _uid(text: str) -> str:
    """A text as a key that the model takes."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in text)
    return "-".join(part for part in kept.split("-") if part).lstrip("0123456789-")[:34].rstrip("-")


def _referred(form: Json) -> set[int]:
    """The places of the panels whose results other panels show."""
    panels = [one for panel in form.get("panels", []) for one in (panel, *panel.get("panels", []))]
    targets = [target for panel in panels for target in panel.get("targets", [])]
    return {
        target["panelId"]
        for target in targets
        if normalise.is_uid(target.get("datasource"), normalise.DASHBOARD) and isinstance(target.get("panelId"), int)
    }


def _rows(
    form: Json, document: Json, names: dict[int, tuple[str, bool]], referred: set[int], reader: PanelReader
) -> Iterator[Row]:
    """Rows with their panels. Panels before the first row and after a collapsed one have a row without a title."""
    documents = [one for one in document.get("panels") or [] if isinstance(one, dict)]
    at = y = 0
    header: Json | None = None
    below: list[tuple[Json, Json, int]] = []
    key = ""

    def row(collapsed: bool) -> Row:
        nonlocal y
        top = y
        more: Json = {}
        if header is not None:
            if (own := header["gridPos"]["y"]) != y:
                more["top"] = own
            top = more.get("top", y) + 1
        panels, bottom = _panels(below, top, names, referred, reader)
        y = top if collapsed else bottom
        return _row(header, panels, collapsed, key, more)

    for panel, given in zip(form.get("panels", []), documents, strict=True):
        if panel.get("type") != "row":
            below.append((panel, given, at))
            at += 1
            continue
        if header is not None or below:
            yield row(collapsed=False)
        header, below = panel, []
        key = names[at][0] if names[at][1] else ""
        at += 1
        inner = [one for one in given.get("panels") or [] if isinstance(one, dict)]
        if panel.get("collapsed"):
            below = [
                (one, old, at + index)
                for index, (one, old) in enumerate(zip(panel.get("panels", []), inner, strict=True))
            ]
            at += len(inner)
            yield row(collapsed=True)
            header, below, key = None, [], ""
        else:
            at += len(inner)
    if header is not None or below:
        yield row(collapsed=False)


_OF_ROWS = frozenset({"collapsed", "gridPos", "panels", "title", "type"})


def _row(header: Json | None, panels: tuple[Panel | RawPanel, ...], collapsed: bool, key: str, more: Json) -> Row:
    if header is None:
        return Row("", panels)
    title = header.get("title", "")
    raw = {
        name: item for name, item in header.items() if name not in ("collapsed", "gridPos", "panels", "title", "type")
    }
    repeat = raw.pop("repeat", "")
    if not title:
        raw["title"] = ""
    shared: Json = {"collapsed": collapsed, "key": key, "raw": raw, **more}
    one = made(Row, title or "Row", panels, **shared, repeat=repeat)
    if one is not None and one.repeat == repeat:
        return one
    return Row(title or "Row", panels, **shared | {"raw": raw | {"repeat": repeat}})


def _panels(
    below: list[tuple[Json, Json, int]], top: int, names: dict[int, tuple[str, bool]], referred: set[int],
    reader: PanelReader,
) -> tuple[tuple[Panel | RawPanel, ...], int]:  # fmt: skip
    """The panels of a row, each with a place of its own where it does not follow from the one before it."""
    found: list[Panel | RawPanel] = []
    for given, document, at in below:
        key, needed = names[at]
        size = _size(given["gridPos"], top)
        told = len(reader.unchecked)
        one = reader.panel(given, document, key if needed or at in referred else "", size)
        if one.at is not None and _follows(found, one, top):
            del reader.unchecked[told:]
            one = reader.panel(given, document, key if needed or at in referred else "", {**size, "at": None})
        found.append(one)
    places = [place for _, place in flow(_sized(found), top)]
    return tuple(found), max([top, *(place.y + place.h for place in places)])


def _size(grid: Json, top: int) -> Json:
    return {"width": grid["w"], "height": grid["h"], "at": (grid["x"], grid["y"] - top)}


def _sized(panels: list[Panel | RawPanel]) -> list[tuple[Panel | RawPanel, int, int]]:
    return [(panel, panel.width, panel.height) for panel in panels]


def _follows(before: list[Panel | RawPanel], panel: Panel | RawPanel, top: int) -> bool:
    """Whether it would stand there without a place of its own."""
    items: list[tuple[object, int, int]] = [*_sized(before), (None, panel.width, panel.height)]
    *_, (_, place) = flow(items, top)
    return (place.x, place.y - top) == panel.at


def _dashboard(form: Json, rest: Variables) -> Json:
    """What a dashboard has beside its panels."""
    made_of = [rest.variable(one) for one in form.get("templating", {}).get("list", [])]
    links = [rest.link(one) for one in form.get("links", [])]
    found = form.get("annotations", {}).get("list", [])
    built_in = any(one.get("builtIn") for one in found)
    annotations = () if built_in else tuple(rest.annotation(one) for one in found)
    time = form.get("time", {})
    given: Json = {
        "description": form.get("description", ""),
        "variables": tuple(made_of) if all(one is not None for one in made_of) else (),
        "annotations": annotations,
        "links": tuple(links) if all(one is not None for one in links) else (),
        "tags": tuple(form.get("tags", ())),
        "refresh": form.get("refresh", ""),
        "refresh_intervals": tuple(form.get("timepicker", {}).get("refresh_intervals", ())),
        "time_from": time.get("from", "now-6h"),
        "time_to": time.get("to", "now"),
        "timezone": form.get("timezone", ""),
        "crosshair": {0: "off", 1: "crosshair", 2: "tooltip"}.get(form.get("graphTooltip", 0), "off"),
        "editable": form.get("editable", True),
    }
    tried = {name: made(Dashboard, uid="x", title="x", rows=(), **{name: value}) for name, value in given.items()}
    return {name: value for name, value in given.items() if (one := tried[name]) is not None and name in vars(one)}


def _form(dashboard: Dashboard, reader: PanelReader) -> Json:
    document = orjson.loads(json_bytes(rendered(dashboard, reader.context)))
    return normalise.normalised(document, reader.named)


def _lacks(dashboard: Dashboard, form: Json, reader: PanelReader) -> Json:
    return patch(_form(dashboard, reader), form)


def shares(dashboard: Dashboard, form: Json) -> Shares:
    raw = sum(map(_raw_leaves, _parts(dashboard)))
    by_name = sum(
        leaves(value)
        for panel in dashboard.panels
        if isinstance(panel, Panel)
        for value in (panel.options, panel.custom, *(one.custom for one in panel.overrides))
        if value
    )
    panels = dashboard.panels
    own = [panel for panel in panels if not any(_raw_leaves(one) for one in _of_panel(panel) if not _is_target(one))]
    return Shares(len(panels), len(own), leaves(form), by_name, raw)


def _is_target(part: Node) -> bool:
    return isinstance(part, (Query, RawQuery, SharedQuery, DatasourceRef))


def _raw_leaves(part: object) -> int:
    found = 0
    raw = getattr(part, "raw", NOTHING)
    if raw:
        found += leaves(raw)
    if isinstance(part, (RawPanel, RawVariable, RawQuery, SharedQuery)) or type(part).__name__ == "RawAnnotation":
        json = getattr(part, "json", NOTHING)
        found += leaves(json) if json else 0
    return found


def _parts(dashboard: Dashboard) -> Iterator[Node]:
    yield dashboard
    yield from dashboard.variables
    yield from dashboard.annotations
    yield from dashboard.links
    for row in dashboard.rows:
        yield row
        for panel in row.panels:
            yield from _of_panel(panel)


def _of_panel(panel: object) -> Iterator[Node]:
    if isinstance(panel, Node):
        yield panel
    if isinstance(panel, Panel):
        yield from panel.targets
        yield from (query.datasource for query in panel.targets if isinstance(query, RawQuery) and query.datasource)
        yield from panel.overrides
        yield from panel.links


def raw_paths(dashboard: Dashboard) -> Iterator[str]:
    """The places of raw data, each below the object that it belongs to; those of several alike are counted."""
    found: Counter[str] = Counter()
    for part in _parts(dashboard):
        raw = getattr(part, "raw", NOTHING)
        found.update(f"{type(part).__name__}: {path}" for path in (paths(raw) if raw else ()))
        if getattr(part, "json", None) is not None and isinstance(part, Node):
            found[type(part).__name__] += 1
    for path, times in found.most_common():
        yield path if times == 1 else f"{path} ({times} times)"
