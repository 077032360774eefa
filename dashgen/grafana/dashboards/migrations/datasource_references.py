"""Schema versions 33 and 36: names of data sources become references.

Read in apps/dashboard/pkg/migration/schemaversion/v33.go, v36.go and datasource_utils.go. Grafana looks names up among
the data sources of the organisation. Where it finds none, a name stays as the uid of a reference without a type, and
what has no data source gets none: `null` for a panel, `{}` for its targets (seen in 12.4.0, on a server that has none).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from dashgen.grafana.dashboards.document import Json, mapping, objects, text
from dashgen.grafana.dashboards.migrations.panels import all_panels, top_panels

MIXED = "-- Mixed --"
EXPRESSION = "__expr__"


class _Unset:
    """A reference to no data source. Unlike None, it is not taken for a missing value when the dashboard is saved."""


UNSET: Final = _Unset()


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data source as the server that a dashboard comes from knows it."""

    uid: str
    type: str
    name: str
    is_default: bool = False
    api_version: str = ""

    def reference(self) -> Json:
        reference = {"uid": self.uid, "type": self.type}
        return {**reference, "apiVersion": self.api_version} if self.api_version else reference


class DataSources:
    """Data sources by name and by uid. A name wins over a uid."""

    def __init__(self, known: Iterable[DataSource] = ()) -> None:
        known = tuple(known)
        self._by_name = {source.name: source for source in known if source.name}
        self._by_uid = {source.uid: source for source in known if source.uid}
        self.default = next((source for source in reversed(known) if source.is_default), None)

    def reference_to_default(self) -> Any:
        return self.default.reference() if self.default else UNSET

    def reference(self, name: object) -> Any:
        """What a name, a uid or a reference becomes. UNSET where it is none of them."""
        if name is None:
            return self.reference_to_default()
        if isinstance(name, dict):
            return name if text(name.get("uid")) or text(name.get("type")) else UNSET
        if not isinstance(name, str):
            return UNSET
        if name == "":
            return {}
        found = self.default if name == "default" and self.default else None
        found = found or self._by_name.get(name) or self._by_uid.get(name)
        return found.reference() if found else {"uid": name}


def v33(dashboard: Json, sources: DataSources) -> None:
    """Of panels and targets. The default data source becomes null."""
    for panel in all_panels(dashboard):
        name = panel.get("datasource")
        found = UNSET if name is None or name == "default" else sources.reference(name)
        panel["datasource"] = None if found is UNSET else found
        for target in objects(panel.get("targets")):
            name = target.get("datasource")
            if name is not None and name != "default":
                found = sources.reference(name)
                if found is not UNSET:
                    target["datasource"] = found


def v36(dashboard: Json, sources: DataSources) -> None:
    """Of annotations, panels and targets; a target takes the one of its panel."""
    for query in objects(mapping(dashboard.get("annotations")).get("list")):
        query["datasource"] = sources.reference(query.get("datasource"))
    for variable in objects(mapping(dashboard.get("templating")).get("list")):
        if variable.get("type") == "query" and "datasource" in variable and variable["datasource"] is None:
            variable["datasource"] = sources.reference_to_default()
    tops = {id(panel) for panel in top_panels(dashboard)}
    for panel in all_panels(dashboard):
        has_targets = isinstance(panel.get("targets"), list) and panel["targets"]
        if not has_targets and id(panel) in tops:
            panel["targets"] = [{"refId": "A"}]
        if has_targets or id(panel) in tops:
            _refer(panel, sources)


def _refer(panel: Json, sources: DataSources) -> None:
    was_default = panel.get("datasource") is None
    if was_default:
        panel["datasource"] = sources.reference_to_default()
    elif panel["datasource"] != {}:
        panel["datasource"] = sources.reference(panel["datasource"])
    for target in objects(panel["targets"]):
        name = target.get("datasource")
        if name is None or (isinstance(name, dict) and name.get("uid") is None):
            of_panel = panel["datasource"]
            if mapping(of_panel).get("uid") == MIXED:
                target["datasource"] = sources.reference(name)
            else:
                target["datasource"] = dict(mapping(of_panel))
        else:
            target["datasource"] = sources.reference(name)
        if was_default and text(mapping(target["datasource"]).get("uid")) not in ("", EXPRESSION):
            panel["datasource"] = target["datasource"]
