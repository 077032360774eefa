"""A panel of a dashboard as an object of the model.

What an object renders is compared with the document; what differs stays beside it, by Grafana's names where the schema
of the kind knows them (`options`, `custom`), else as raw data. So nothing is lost, whatever stands in the document.
"""

from __future__ import annotations

from typing import Any

from dashgen.adopt import normalise
from dashgen.adopt.differences import patch, same
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.kinds import KINDS, arguments
from dashgen.adopt.values import UNREADABLE, field_options, made, only, override
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.field import Override
from dashgen.model.dashboards.foreign import RawPanel
from dashgen.model.dashboards.link import Link
from dashgen.model.dashboards.panel import JoinByField, Organize, Panel, Transformation
from dashgen.model.dashboards.query import REF_IDS, PanelTarget, Query, RawQuery, SharedQuery
from dashgen.render.dashboards import RenderContext
from dashgen.render.layout import GridPosition
from dashgen.render.panels import panel as rendered
from dashgen.render.query import render_query
from dashgen.render.raw import is_raw_in_panel
from dashgen.schema.derive import PANEL_KINDS
from dashgen.schema.validate import option_violations, panel_violations

Json = dict[str, Any]
_PLACE = GridPosition(0, 0, 12, 8)


class PanelReader:
    """Reads the panels of one dashboard. `keys` has the key of each panel by its place in the document."""

    def __init__(self, scope: ImportScope, keys: dict[int, str], numbers: dict[object, int]) -> None:
        self.scope, self.keys, self.numbers = scope, keys, numbers
        self.context: RenderContext = scope.rendered()
        self.named = scope.read_back()
        self.unchecked: list[tuple[str, str]] = []
        """Panels with a query that no check looks at, and why."""
        self.names_asked: set[str] = set()
        """Data sources that SQL asks by a name alone."""

    def panel(self, given: Json, document: Json, key: str, size: Json) -> Panel | RawPanel:
        """`given` is the normalised form of `document`; `key` is empty where the title gives it. `size` has the width
        and height, and the place where it is given."""
        if given.get("type") in PANEL_KINDS:
            noted = len(self.unchecked)
            try:
                found = self._panel(given, key, size)
            except UNREADABLE:
                found = None
                del self.unchecked[noted:]
            if found is not None:
                return found
        return self._raw(document, key, size)

    def _is_valid(self, panel: Panel) -> bool:
        """Whether a build takes what it renders; raw data inside of it are taken as they are."""
        return all(is_raw_in_panel(panel, one.pointer) for one in panel_violations(panel.kind, self._rendered(panel)))

    def _rendered(self, panel: Panel) -> Json:
        place = _PLACE._replace(w=panel.width, h=panel.height)
        return rendered(panel, place, self.context.environment, self.context.datasources, panel.min_interval)

    def _raw(self, document: Json, key: str, size: Json) -> RawPanel:
        title = str(document.get("title") or document.get("type") or "panel")
        for _ in document.get("targets") or []:
            self.unchecked.append((title, f"a query of the panel kind {document.get('type')!r}"))
        json = {name: value for name, value in document.items() if name not in ("id", "gridPos")}
        if not json.get("pluginVersion", "?"):
            del json["pluginVersion"]
        one = made(RawPanel, json, key=key, **size)
        return one or RawPanel(json, key=key)

    def _panel(self, given: Json, key: str, size: Json) -> Panel | None:
        kind = given["type"]
        options, config = _object(given, "options"), _object(given, "fieldConfig")
        fields = _object(config, "defaults")
        custom = _object(fields, "custom")
        cls = KINDS[kind][0] if kind in KINDS else Panel
        targets = self._targets(given, cls)
        if cls.NEEDS_QUERY and not targets:
            cls = Panel
        own = cls is not Panel
        shared: Json = {
            **self._shared(given),
            **size,
            **field_options(fields),
            **(arguments(kind, options, custom) if own else {}),
            "key": key,
            "overrides": self._overrides(config, kind),
        }
        reference = given.get("datasource")
        if isinstance(reference, dict) and "environment" in reference:
            shared["datasource"] = reference["environment"]
        title = given.get("title", "")
        first = (title,) if own else (kind, title)
        if targets:
            shared["query"] = targets[0] if len(targets) == 1 else targets
        base = made(cls, *first, **shared)
        return self._completed(base, cls, first, shared, given) if base is not None else None

    def _completed(
        self, base: Panel, cls: type[Panel], first: tuple[str, ...], shared: Json, given: Json
    ) -> Panel | None:
        """The panel with what the object does not say beside it; None where even that does not say it."""
        left = self._lacks(base, given)
        if left:
            options, custom = self._by_name(base, left)
            base = made(cls, *first, **shared, options=options, custom=custom) or base
            left = self._lacks(base, given)
        if not self._is_valid(base):
            return None
        if left:
            restored = self.scope.restored(left)
            made_raw = made(cls, *first, **shared, options=base.options, custom=base.custom, raw=restored)
            if made_raw is None or self._lacks(made_raw, given):
                return None
            base = made_raw
        return base

    def _lacks(self, panel: Panel, given: Json) -> Json:
        form = normalise.panel_form(self._rendered(panel), self.named, self.numbers)
        wanted = {name: value for name, value in given.items() if name != "gridPos"}
        return patch({name: value for name, value in form.items() if name != "gridPos"}, wanted)

    def _by_name(self, panel: Panel, left: Json) -> tuple[Json, Json]:
        """What of a difference is options that the schema of the kind knows."""
        options = _without_none(left.get("options"))
        custom = _without_none(_object(_object(left, "fieldConfig"), "defaults").get("custom"))
        for violation in option_violations(panel.kind, options, custom) if options or custom else ():
            match violation.pointer:
                case ("options", str(name), *_):
                    options.pop(name, None)
                case ("fieldConfig", "defaults", "custom", str(name), *_):
                    custom.pop(name, None)
                case _:
                    return {}, {}
        return options, custom

    def _shared(self, given: Json) -> Json:
        found: Json = {
            "description": given.get("description", ""),
            "repeat": given.get("repeat", ""),
            "repeat_direction": given.get("repeatDirection", "h"),
            "max_per_row": given.get("maxPerRow"),
            "min_interval": given.get("interval"),
            "max_data_points": given.get("maxDataPoints"),
            "time_from": given.get("timeFrom"),
            "time_shift": given.get("timeShift"),
            "transparent": given.get("transparent", False),
            "links": _links(given.get("links")),
            "transformations": _transformations(given.get("transformations")),
        }
        if panel_violations(given["type"], {"transformations": given.get("transformations", [])}):
            del found["transformations"]  # what the schema refuses is raw
        return {name: value for name, value in found.items() if value is not None}

    def _overrides(self, config: Json, kind: str) -> tuple[object, ...]:
        given = config.get("overrides")
        found = [self._override(one, kind) for one in given] if isinstance(given, list) else []
        return tuple(found) if all(one is not None for one in found) else ()

    def _override(self, given: object, kind: str) -> Override | None:
        """An override; what the schema of the kind refuses is raw."""
        found = override(given, kind)
        if found is None or not found.custom:
            return found
        properties = [{"id": f"custom.{name}", "value": thaw(value)} for name, value in found.custom.items()]
        config = {"defaults": {}, "overrides": [{"matcher": {"id": "byName"}, "properties": properties}]}
        refused = {
            properties[int(at)]["id"]
            for violation in panel_violations(kind, {"fieldConfig": config})
            for at in violation.pointer[4:5]
        }
        return override(given, kind, frozenset(refused)) if refused else found

    def _targets(self, given: Json, cls: type[Panel]) -> tuple[PanelTarget, ...]:
        found = []
        targets = given.get("targets") or []
        panel = given.get("datasource")
        for target, letter in zip(targets, REF_IDS, strict=False):
            one = self._target(target, panel, letter, cls.FORMAT, str(given.get("title") or given["type"]))
            if one is None:
                return ()
            found.append(one)
        return tuple(found) if len(found) == len(targets) else ()

    def _target(self, target: Json, panel: object, letter: str, format_: str, title: str) -> PanelTarget | None:
        ref_id = target.get("refId")
        shared: Json = {"hide": target.get("hide", False), "ref_id": "" if ref_id == letter else ref_id}
        asked = target.get("datasource")
        if normalise.is_uid(asked, normalise.DASHBOARD) and target.get("panelId") in self.keys:
            more = {k: v for k, v in target.items() if k not in ("datasource", "hide", "panelId", "refId")}
            return made(SharedQuery, self.keys[target["panelId"]], json=more, **shared)
        if (
            isinstance(asked, dict)
            and "environment" in asked
            and only(target, "datasource", "format", "hide", "rawSql", "refId")
            and isinstance(target.get("rawSql"), str)
        ):
            sql, reason = self.sql(target["rawSql"], asked["environment"])
            if not reason:
                own = None if same(asked, panel) else asked["environment"]
                wanted = None if target["format"] == format_ else target["format"]
                return made(Query, sql, format=wanted, datasource=own, **shared)
            self.unchecked.append((title, reason))
        else:
            self.unchecked.append((title, f"a query of {_called(asked)}"))
            if isinstance(asked, str) and asked and "rawSql" in target:
                self.names_asked.add(asked)
        datasource = self.scope.datasource(asked) if asked is not None else None
        gone = {"hide", "refId"} | ({"datasource"} if datasource is not None else set())
        json = {name: value for name, value in target.items() if name not in gone}
        return made(RawQuery, self.scope.restored(json), datasource=datasource, **shared)

    def sql(self, text: str, datasource: str) -> tuple[str, str]:
        """A query in the words of QuestDB's plugin, or why there are none."""
        name = self.scope.chosen.get(datasource.removeprefix("$"), datasource)
        plugin = self.scope.plugins[name]
        if not text.strip():
            return text, "a query without SQL"
        made_of = render_query(text, plugin)
        if made_of.error is not None:
            return text, f"a query with a macro that can't be rendered: {made_of.error}"
        if made_of.text.text != text:
            return text, "a query whose macros are those of the PostgreSQL datasource only"
        return text, ""


def _object(given: Json, key: str) -> Json:
    value = given.get(key)
    return value if isinstance(value, dict) else {}


def _called(reference: object) -> str:
    if isinstance(reference, dict):
        if "environment" in reference:
            return "no SQL"
        return f"the datasource {reference.get('type') or reference.get('uid')!r}"
    return f"the datasource {reference!r}" if reference else "no named datasource"


def _without_none(value: object) -> Json:
    """The parts of a patch that take nothing away."""
    if not isinstance(value, dict):
        return {}
    return {name: item for name, item in value.items() if item is not None and not _takes_away(item)}


def _takes_away(value: object) -> bool:
    return isinstance(value, dict) and any(item is None or _takes_away(item) for item in value.values())


def _links(given: object) -> tuple[Link, ...] | None:
    found = []
    for one in given if isinstance(given, list) else ():
        if not only(one, "title", "url", "targetBlank"):
            return None
        link = made(Link, one.get("title"), url=one.get("url"), new_tab=bool(one.get("targetBlank")))
        if link is None:
            return None
        found.append(link)
    return tuple(found)


def _transformations(given: object) -> tuple[object, ...] | None:
    found: list[object] = []
    for one in given if isinstance(given, list) else ():
        if not only(one, "id", "options", "disabled"):
            return None
        found.append(_transformation(one))
    return tuple(found) if all(one is not None for one in found) else None


def _transformation(given: Json) -> object:
    options, disabled = given.get("options", {}), bool(given.get("disabled"))
    if given.get("id") == "organize" and not disabled and isinstance(options, dict):
        names = options.get("indexByName", {})
        order = tuple(sorted(names, key=lambda name: names[name])) if isinstance(names, dict) else ()
        one = made(
            Organize,
            rename=options.get("renameByName", {}),
            exclude=tuple(sorted(_object(options, "excludeByName"))),
            order=order,
        )
        said = {
            "renameByName": dict(one.rename) if one else {},
            "excludeByName": dict.fromkeys(one.exclude, True) if one else {},
            "indexByName": {name: at for at, name in enumerate(one.order)} if one else {},
        }
        if one is not None and same({k: v for k, v in said.items() if v}, options):
            return one
    if given.get("id") == "joinByField" and not disabled and only(options, "byField", "mode"):
        one_join = made(JoinByField, options.get("byField"), mode=options.get("mode", "outer"))
        if one_join is not None and options.get("byField") is not None:
            return one_join
    return made(Transformation, given.get("id"), options, disabled=disabled)
