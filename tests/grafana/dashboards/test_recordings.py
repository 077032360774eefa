"""What a real Grafana 12.4.0 made of published dashboards. Data to read in place, no part of this repository."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dashgen.grafana.dashboards.document import DashboardError, at, same
from dashgen.grafana.dashboards.forms import REFRESH_INTERVALS, read_form, read_forms
from dashgen.grafana.dashboards.from_classic import from_classic
from dashgen.grafana.dashboards.migrations import migrate
from dashgen.grafana.dashboards.v2 import to_classic

SHARED = Path(__file__).resolve().parents[4] / "shared"
PUBLISHED = SHARED / "dashboards"
RECORDED = SHARED / "dashboards-recorded"
EXCHANGES = SHARED / "grafana-api" / "exchanges.json"

Json = dict[str, Any]

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings beside the checkout")


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def first_difference(ours: object, theirs: object, pointer: str = "$") -> str | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                return f"{at(pointer, key)}: {'missing' if key in theirs else 'too much'}"
            found = first_difference(ours[key], theirs[key], at(pointer, key))
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((found for i, pair in pairs if (found := first_difference(*pair, at(pointer, i)))), None)
    return None if same(ours, theirs) else f"{pointer}: {json.dumps(ours)[:80]} instead of {json.dumps(theirs)[:80]}"


def report(differences: dict[str, str | None]) -> dict[str, str]:
    for name, found in differences.items():
        sys.stdout.write(f"{name}: {found or 'equal'}\n")
    return {name: found for name, found in differences.items() if found}


def test_published_dashboards_migrate_as_a_real_grafana_migrates_them() -> None:
    originals = {path.name: path for path in PUBLISHED.glob("*/*.json")}
    recorded = sorted((RECORDED / "v1beta1").glob("*.json"))
    found = {path.name: first_difference(migrate(load(originals[path.name])), load(path)) for path in recorded}
    assert report(found) == {}


def test_v2_dashboards_become_what_a_real_grafana_makes_of_them() -> None:
    written = sorted((RECORDED / "native" / "v2beta1").glob("*.json"))
    found = {
        path.name: first_difference(to_classic(load(path)), load(RECORDED / "native" / "v1beta1" / path.name))
        for path in written
    }
    assert report(found) == {}


def test_classic_dashboards_become_the_v2_form_that_a_real_grafana_makes_of_them() -> None:
    found = {
        path.name: first_difference(from_classic(load(RECORDED / "v1beta1" / path.name)), load(path))
        for path in sorted((RECORDED / "v2beta1").glob("*.json"))
    }
    assert report(found) == {}


def test_the_v2_form_of_a_dashboard_reads_as_its_classic_form() -> None:
    """Up to what the v2 form can't hold, or did not get from Grafana 12.4: see held_by_v2."""
    found = {}
    for path in sorted((RECORDED / "v2beta1").glob("*.json")):
        ours = read_form(load(path)).dashboard
        theirs = read_form(load(RECORDED / "v1beta1" / path.name)).dashboard
        found[path.name] = first_difference(held_by_v2(ours), held_by_v2(theirs))
    assert report(found) == {}


def test_every_dashboard_that_the_api_answered_is_read() -> None:
    read: set[str] = set()
    refused: dict[str, str] = {}
    for exchange in load(EXCHANGES):
        try:
            documents = read_forms(exchange["response"].get("body"))
        except DashboardError as error:
            refused[exchange["name"]] = error.problem
        else:
            read.update(document.form for document in documents)
    for exchange in load(EXCHANGES):
        path, method = exchange["request"]["path"], exchange["request"].get("method", "GET")
        if method == "GET" and exchange["response"]["status"] == 200 and "/dashboards/" in path:
            assert refused.get(exchange["name"], "versions").endswith("versions")
    assert read == {"api", "v1 resource", "v2 resource"}


def test_the_forms_of_one_dashboard_read_alike() -> None:
    answers = {exchange["name"]: exchange["response"].get("body") for exchange in load(EXCHANGES)}
    classic, v2 = (read_form(answers[name]) for name in ("dashboard get", "dashboard get as v2"))
    assert (classic.uid, classic.folder) == (v2.uid, v2.folder) == ("api-x", "api-a")
    assert first_difference(held_by_v2(v2.dashboard), held_by_v2(classic.dashboard)) is None


def held_by_v2(dashboard: Json) -> Json:
    """A classic dashboard without what is lost on Grafana 12.4's own way to v2 and back.

    - what is empty, false or null, and what is the default;
    - ids, targets and data sources of row panels, and gaps between sections: places count from their section's header;
    - a query that is only a name; the data source of a panel beside those of its targets, data sources that are only
      a name, and in an annotation those without a plugin;
    - `sort` above 4 of variables, their `refresh` where they have no query, and members that Grafana 12 doesn't know;
    - members of a choice but its text and value, options of text boxes, indices of thresholds;
    - `maxPerRow` and `repeatDirection` of what isn't repeated; numbers that are written as texts;
    - panels that stand below a folded row without being in it: they go into it.
    """
    held = {key: value for key, value in dashboard.items() if key not in ("gnetId", "annotations")}
    times = {"refresh_intervals", "hidden", "nowDelay", "quick_ranges"}
    picker = {key: value for key, value in held.get("timepicker", {}).items() if key in times}
    if picker.get("refresh_intervals") == REFRESH_INTERVALS:
        del picker["refresh_intervals"]
    held["timepicker"] = picker
    held["annotations"] = [
        _without(query, "datasource")
        if query.get("builtIn") or "type" not in (query.get("datasource") or {})
        else query
        for query in dashboard["annotations"]["list"]
    ]
    held["templating"] = [_variable(variable) for variable in dashboard["templating"]["list"]]
    held["panels"] = _sections(dashboard["panels"])
    full: Json = _full(held)
    return full


def _without(value: Json, *keys: str) -> Json:
    return {key: member for key, member in value.items() if key not in keys}


def _uid(owner: Json) -> bool:
    return isinstance(owner.get("datasource"), dict) and "uid" in owner["datasource"]


def _variable(variable: Json) -> Json:
    found = _without(variable, "allFormat", "multiFormat", "queryValue", "useTags", "tagsQuery", "tagValuesQuery")
    found["current"] = {key: found.get("current", {}).get(key) for key in ("text", "value")}
    if found.get("allowCustomValue") is True:
        del found["allowCustomValue"]
    if found["type"] != "query":
        found.pop("refresh", None)
    if found["type"] == "textbox":
        found.pop("options", None)
    if found.get("sort", 0) not in (1, 2, 3, 4):
        found.pop("sort", None)
    found.setdefault("hide", 0)
    return found if _uid(found) else _without(found, "datasource")


def _sections(panels: list[Json]) -> list[Json]:
    found: list[Json] = []
    row: Json = {}
    for panel in panels:
        start = row.get("gridPos", {}).get("y", -1)
        if panel.get("type") == "row":
            row = panel
            inside = [_panel(inner, panel["gridPos"]["y"]) for inner in panel.get("panels", [])]
            kept: Json = {key: panel[key] for key in ("type", "title", "collapsed", "repeat") if key in panel}
            found.append({**kept, "panels": inside})
        elif row.get("collapsed"):
            found[-1]["panels"].append(_panel(panel, start))
        else:
            found.append(_panel(panel, start))
    return found


def _panel(panel: Json, start: int) -> Json:
    found = _without(panel, "datasource")
    if "gridPos" in panel:
        found["gridPos"] = {**panel["gridPos"], "y": panel["gridPos"]["y"] - start}
    if "repeat" not in panel:
        found = _without(found, "maxPerRow", "repeatDirection")
    targets = panel.get("targets", [])
    is_default = [_without(target, "datasource") for target in targets] == [{"refId": "A"}]
    inherited = panel.get("datasource") if _uid(panel) else None
    found["targets"] = [] if is_default else [_target(target, inherited) for target in targets]
    if isinstance(panel.get("maxDataPoints"), str):
        found["maxDataPoints"] = int(panel["maxDataPoints"])
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if isinstance(defaults.get("decimals"), str):
        defaults.pop("decimals")
    for step in defaults.get("thresholds", {}).get("steps", []):
        step.pop("index", None)
    return found


def _target(target: Json, inherited: Json | None) -> Json:
    reference = target["datasource"] if _uid(target) else inherited or {}
    return {**target, "datasource": {key: reference[key] for key in ("type", "uid") if key in reference}}


def _full(value: Any) -> Any:
    """Without members that are empty, false or null."""
    if isinstance(value, dict):
        found = {key: _full(member) for key, member in value.items()}
        return {key: member for key, member in found.items() if not _is_empty(member)}
    return [_full(item) for item in value] if isinstance(value, list) else value


def _is_empty(value: object) -> bool:
    return value is None or value is False or (not isinstance(value, int | float) and value in ("", [], {}))
