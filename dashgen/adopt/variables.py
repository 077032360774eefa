"""Variables, annotations and links of a dashboard as objects of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashgen.adopt import defaults, normalise
from dashgen.adopt.differences import patch
from dashgen.adopt.panels import PanelReader
from dashgen.adopt.values import UNREADABLE, color, made
from dashgen.grafana.datasources.plugins import id_of
from dashgen.model.dashboards import variable as model
from dashgen.model.dashboards.dashboard import Annotation, AnyAnnotation, RawAnnotation
from dashgen.model.dashboards.link import Link
from dashgen.model.dashboards.query import Query
from dashgen.model.environment import Plugin
from dashgen.render.dashboards import rendered_annotation
from dashgen.render.fields import plain
from dashgen.render.links import dashboard_link
from dashgen.render.variables import variable as rendered

Json = dict[str, Any]
_HIDE = {0: "nothing", 1: "label", 2: "variable"}
_SORT = {
    0: "none", 1: "asc", 2: "desc", 3: "numeric asc", 4: "numeric desc",
    5: "asc, case-insensitive", 6: "desc, case-insensitive",
}  # fmt: skip
_ALL_KINDS = frozenset({"query", "custom", "interval", "textbox", "constant", "datasource"})


class Variables:
    """Reads variables, annotations and links with what the reader of panels knows."""

    def __init__(self, reader: PanelReader) -> None:
        self.reader = reader

    def variable(self, given: Json) -> model.Variable | None:
        """`given` is the normalised form. None where it has no name that the model takes."""
        try:
            one = self._typed(given)
            if one is not None:
                left = self._lacks(one, given)
                if left:
                    with_raw = self._typed(given, self.reader.scope.restored(left))
                    one = with_raw if with_raw is not None and not self._lacks(with_raw, given) else None
        except UNREADABLE:
            one = None
        return one or self._raw(given)

    def _raw(self, given: Json) -> model.Variable | None:
        if given.get("type") == "query":
            self.reader.unchecked.append((f"variable {given.get('name')}", "a query of another datasource"))
        document = self.reader.scope.restored(given)
        json = {key: item for key, item in document.items() if key not in ("name", "label", "description", "hide")}
        one = made(model.RawVariable, given.get("name"), json=json, **_shared(given))
        if one is None or self._lacks(one, given):
            json = {key: item for key, item in document.items() if key != "name"}
            one = made(model.RawVariable, given.get("name"), json=json)
        return one

    def _typed(self, given: Json, raw: Json | None = None) -> model.Variable | None:
        kind, name = given.get("type"), given.get("name")
        if kind not in _ALL_KINDS:
            return None
        shared = _shared(given) | {"raw": raw or {}}
        query = given.get("query")
        if kind == "query":
            return self._query(given, shared)
        if kind == "custom" and isinstance(query, str):
            return _custom(given, shared)
        if kind == "interval" and isinstance(query, str):
            values = tuple(text.strip() for text in query.split(","))
            auto: Json = {key: given.get(key, usual) for key, usual in defaults.AUTO.items()}
            return made(model.IntervalVariable, name, values, **auto, **shared)
        if kind == "textbox" and isinstance(query, str):
            return made(model.TextVariable, name, query, **shared)
        if kind == "constant" and isinstance(query, str):
            shared.pop("hide")
            return made(model.ConstantVariable, name, query, **shared)
        if kind == "datasource" and (logical := self.reader.scope.chosen.get(str(name))):
            return made(model.DatasourceVariable, name, logical, **shared)
        return None

    def _query(self, given: Json, shared: Json) -> model.Variable | None:
        asked, text = given.get("datasource"), given.get("query")
        if not isinstance(asked, dict) or "environment" not in asked or not isinstance(text, str):
            return None
        sql, reason = self.reader.sql(text, asked["environment"])
        if reason:
            return None
        return made(
            model.QueryVariable,
            given.get("name"),
            sql,
            datasource=asked["environment"],
            refresh="time range" if given.get("refresh") == 2 else "load",
            sort=_SORT.get(given.get("sort", 0)),
            regex=given.get("regex", ""),
            **_choice(given),
            **shared,
        )

    def _lacks(self, variable: model.Variable, given: Json) -> Json:
        context = self.reader.context
        document = plain(rendered(variable, context.environment, (), context.datasources))
        assert isinstance(document, dict)  # noqa: S101  # a variable is an object
        return patch(normalise.variable_form(document, self.reader.named), given)

    def annotation(self, given: Json) -> AnyAnnotation:
        """`given` is the normalised form."""
        target, asked = given.get("target"), given.get("datasource")
        if (
            isinstance(target, dict)
            and isinstance(asked, dict)
            and "environment" in asked
            and isinstance(target.get("rawSql"), str)
        ):
            sql, reason = self.reader.sql(target["rawSql"], asked["environment"])
            if not reason:
                shared: Json = {
                    "color": color(given.get("iconColor")),
                    "enabled": given.get("enable", True),
                    "hidden": given.get("hide", False),
                    "datasource": asked["environment"],
                }
                asks = made(Query, sql, format=None if target.get("format") == "table" else target.get("format"))
                shared = {key: item for key, item in shared.items() if item is not None}
                one = made(Annotation, given.get("name"), asks, **shared) if asks else None
                if one is not None and (left := self._without(one, given)):
                    one = made(Annotation, given.get("name"), asks, **shared, raw=self.reader.scope.restored(left))
                if one is not None and not self._without(one, given):
                    return one
        if not given.get("builtIn"):
            self.reader.unchecked.append((f"annotation {given.get('name')}", "a query of another datasource"))
        return RawAnnotation(self.reader.scope.restored(given))

    def _without(self, annotation: Annotation, given: Json) -> Json:
        document = plain(rendered_annotation(annotation, self.reader.context))
        form = normalise.annotation_form(document, self.reader.named) if isinstance(document, dict) else None
        return patch(form or {}, given)

    def link(self, given: Json) -> Link | None:
        """`given` is the normalised form."""
        by_tags = given.get("type") == "dashboards"
        tags = tuple(given.get("tags") or ()) if by_tags else ()
        shared: Json = {
            "url": "" if by_tags else given.get("url", ""),
            "tags": tags,
            "tooltip": given.get("tooltip", ""),
            "icon": given.get("icon", "external link"),
            "keep_time": given.get("keepTime", False),
            "keep_variables": given.get("includeVars", False),
            "new_tab": given.get("targetBlank", False),
            "dropdown": given.get("asDropdown", False),
        }
        if by_tags and not tags:
            shared["tags"] = ("all",)
        elif not by_tags and not shared["url"]:
            shared["url"] = "/"
        title = given.get("title") or "Dashboards"
        one = made(Link, title, **shared)
        left = _link_lacks(one, given, self.reader) if one is not None else {}
        if left:
            one = made(Link, title, **shared, raw=left)
        return one if one is not None and not _link_lacks(one, given, self.reader) else None


def _link_lacks(link: Link, given: Json, reader: PanelReader) -> Json:
    document = plain(dashboard_link(link, reader.context.environment))
    return patch(normalise.link_form(document), given) if isinstance(document, dict) else {}


def _shared(given: Json) -> Json:
    return {
        "label": given.get("label", ""),
        "description": given.get("description", ""),
        "hide": _HIDE.get(given.get("hide", 0), "nothing"),
    }


def _choice(given: Json) -> Json:
    value = (given.get("current") or {}).get("value")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    includes_all = given.get("includeAll", False)
    return {
        "multi": given.get("multi", False),
        "include_all": includes_all,
        "all_value": given.get("allValue", "") if includes_all else model.ALL_GUARD,
        "default": value if isinstance(value, str) and value != "$__all" else None,
    }


_PART = re.compile(r"(?:\\,|[^,])+")


def _custom(given: Json, shared: Json) -> model.Variable | None:
    """Values as Grafana splits them: at commas, without blanks around."""
    values = tuple(part.replace("\\,", ",").strip() for part in _PART.findall(given["query"]))
    free = given.get("allowCustomValue", defaults.VARIABLE["allowCustomValue"])
    return made(model.CustomVariable, given.get("name"), values, free_values=free, **_choice(given), **shared)


def chosen(variables: list[Json], plugins: Mapping[str, Plugin]) -> dict[str, str]:
    """The variables by which a viewer chooses a datasource of one of the environment's plugins."""
    found = {}
    for one in variables:
        names = [name for name, plugin in plugins.items() if one.get("query") == id_of(plugin)]
        if one.get("type") == "datasource" and names and isinstance(one.get("name"), str):
            found[one["name"]] = names[0]
    return found
