"""What the Foundation SDK does by itself, measured, and what becomes of it here.

Each trap is shown to be there first: a version of the SDK without it makes its guard needless.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from grafana_foundation_sdk import builders
from grafana_foundation_sdk.builders import alerting as sdk_alerting
from grafana_foundation_sdk.builders import barchart, gauge, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common

from dashgen import (
    AlertList,
    Annotation,
    BarChart,
    BarGauge,
    Dashboard,
    Environment,
    Gauge,
    Link,
    MuteTiming,
    Project,
    Row,
    Stat,
    StateTimeline,
    Text,
    TextVariable,
    TimeInterval,
    TimeSeries,
    as_dashboard,
)
from dashgen.grafana.mute_timings import interval
from dashgen.project_checks import check
from dashgen.render import parsed, render
from dashgen.render.layout import GridPosition, overlapping
from dashgen.render.serialise import VerbatimText, yaml_bytes
from tests.alerting_project import OWNED, project, rule
from tests.render.test_foreign import Sql

ROOT = Path(__file__).resolve().parents[2]
PROD = Environment("prod")
Json = dict[str, Any]


def raw(built: object) -> Json:
    found: Json = json.loads(JSONEncoder().encode(built))
    return found


def rendered(dashboard: Any) -> Json:
    whole = Project(environments=(PROD,), dashboards=(dashboard,))
    assert check(whole) == ()
    (data,) = [orjson.loads(d.data) for d in render(whole, PROD) if d.schema == "dashboard"]
    return dict(data)


def ours(*panels: Any) -> list[Json]:
    return list(rendered(Dashboard(uid="x", title="X", rows=(Row("", panels),)))["panels"])


SERIES = "SELECT timestamp AS time, v AS value FROM t WHERE $__timeFilter(timestamp)"


def test_the_version_is_pinned_exactly() -> None:
    """A bare or lower-bound requirement resolves to an epoch release, which is old."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (pin,) = [one for one in wanted if one.startswith("grafana-foundation-sdk")]
    assert pin == f"grafana-foundation-sdk=={version('grafana-foundation-sdk').removeprefix('v')}"
    assert "!" not in pin


@pytest.mark.parametrize("kind", [TimeSeries, BarChart, StateTimeline])
def test_legends_are_hidden_there_and_shown_here(kind: Callable[..., Any]) -> None:
    assert raw(timeseries.Panel().legend(builders.common.VizLegendOptions()).build())["options"]["legend"][
        "showLegend"
    ] is False  # fmt: skip
    (panel,) = ours(kind("A", SERIES, description="d"))
    assert panel["options"]["legend"]["showLegend"] is True


@pytest.mark.parametrize(
    ("trap", "kind"), [(stat.Panel, Stat), (gauge.Panel, Gauge), (gauge.Panel, BarGauge)], ids=["stat", "gauge", "bars"]
)
def test_nothing_is_reduced_there_and_the_last_value_is_here(
    trap: Callable[..., Any], kind: Callable[..., Any]
) -> None:
    assert not (raw(trap().build()).get("options") or {}).get("reduceOptions", {}).get("calcs")
    (panel,) = ours(kind("A", "SELECT 1 AS v", description="d"))
    assert panel["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]


def test_links_and_annotations_are_in_a_menu_there_and_above_the_panels_here() -> None:
    for made in (db.DashboardLink("x").url("/x"), db.AnnotationQuery().name("x")):
        assert raw(made.build())["placement"] == "inControlsMenu"
    link, events = Link("x", url="/x"), Annotation("x", "SELECT timestamp AS time FROM t")
    shown = rendered(Dashboard(uid="x", title="X", rows=(), links=(link,), annotations=(events,)))
    assert not [one for one in (*shown["links"], *shown["annotations"]["list"]) if "placement" in one]


def test_labels_of_bars_are_cut_to_nothing_there_and_whole_here() -> None:
    assert raw(barchart.Panel().orientation(common.VizOrientation.AUTO).build())["options"]["xTickLabelMaxLength"] == 0
    (panel,) = ours(BarChart("A", "SELECT 'a' AS a, 1 AS v", description="d"))
    assert "xTickLabelMaxLength" not in panel["options"]


def test_variables_have_keys_of_other_types_there_and_their_own_here() -> None:
    there = raw(db.QueryVariable("x").build())
    assert {"auto", "auto_count", "auto_min"} <= there.keys()
    (text,) = rendered(Dashboard(uid="x", title="X", rows=(), variables=(TextVariable("x"),)))["templating"]["list"]
    assert not text.keys() & {"auto", "auto_count", "auto_min", "multi", "includeAll", "allowCustomValue"}


def theirs(*rows: Any) -> db.Dashboard:
    made = db.Dashboard("Theirs").uid("theirs")
    for one in rows:
        made = made.with_row(one) if isinstance(one, db.Row) else made.with_panel(one)
    return made


def sized(title: str, width: int = 12, height: int = 8, queries: int = 1) -> Any:
    panel: Any = stat.Panel().title(title).span(width).height(height)
    panel.datasource(common.DataSourceRef(type_val="questdb-questdb-datasource", uid="questdb"))
    for _ in range(queries):
        panel.with_target(Sql("SELECT 1 AS v"))
    return panel


def test_rows_and_panels_have_no_ids_there_and_their_own_here() -> None:
    built = theirs(db.Row("One"), sized("A"), db.Row("Two"), sized("B"))
    assert [panel.get("id") for panel in raw(built.build())["panels"] if panel["type"] == "row"] == [0, 0]
    assert [panel.get("id") for panel in raw(built.build())["panels"] if panel["type"] != "row"] == [None, None]
    ids = [panel["id"] for panel in rendered(as_dashboard(built))["panels"]]
    assert len(set(ids)) == len(ids) == 4
    assert all(ids)


class Unnamed(Dataquery, Builder[Dataquery]):
    def build(self) -> Dataquery:
        return self

    def to_json(self) -> Json:
        return {"rawSql": "SELECT 1 AS v", "format": "table"}


def test_targets_have_no_ref_ids_there_and_their_own_here() -> None:
    panel = stat.Panel().title("A").datasource(common.DataSourceRef(uid="questdb"))
    panel.with_target(Unnamed()).with_target(Unnamed())
    assert "refId" not in raw(panel.build())["targets"][0]
    (shown,) = rendered(as_dashboard(theirs(panel)))["panels"]
    assert [target["refId"] for target in shown["targets"]] == ["A", "B"]


def test_its_layout_leaves_the_grid_and_ours_does_not() -> None:
    built = theirs(sized("A", 18), sized("B", 18), db.Row("Closed").collapsed(True).with_panel(sized("C")), sized("D"))
    there = [GridPosition(**panel["gridPos"]) for panel in raw(built.build())["panels"] if "x" in panel["gridPos"]]
    assert overlapping(there)
    panels = rendered(as_dashboard(built))["panels"]
    assert not overlapping([GridPosition(**panel["gridPos"]) for panel in panels])
    assert [panel["title"] for panel in panels] == ["A", "B", "Closed", "D"]


def test_what_build_returns_is_live_there_and_frozen_here() -> None:
    builder = theirs(sized("A"))
    live, frozen = builder.build(), as_dashboard(builder)
    builder.title("Changed")
    assert live.title == "Changed"
    assert rendered(frozen)["title"] == "Theirs"


def test_it_has_no_list_of_alerts_and_dashgen_has() -> None:
    assert not hasattr(builders, "alertlist")
    (panel,) = ours(AlertList("Firing", states=("firing",)))
    assert (panel["type"], panel["options"]["stateFilter"]["firing"]) == ("alertlist", True)


def test_a_dashboard_has_no_id_there_and_null_here() -> None:
    assert "id" not in raw(db.Dashboard("X").uid("x").build())
    assert rendered(Dashboard(uid="x", title="X", rows=(Row("", (Text("T", content="t"),)),)))["id"] is None


def test_its_rule_groups_have_the_apis_shape_and_ours_the_files() -> None:
    there = raw(sdk_alerting.RuleGroup("Daemons").interval(60).build())
    assert "title" in there
    (path,) = [d for d in render(project(rule(keep_firing_for="5m")), OWNED) if "/rules-" in d.path]
    data: Any = parsed(path)
    (group,) = data["groups"]
    assert (group["name"], group["folder"], group["interval"]) == ("Daemons", "Alerts", "10s")
    assert group["rules"][0]["keepFiringFor"] == "5m"
    assert not group.keys() & {"title", "folderUid", "folderUID"}


def test_contact_points_and_matchers_have_the_files_shape() -> None:
    found = {d.path.rpartition("/")[2]: parsed(d) for d in render(project(), OWNED) if d.path.endswith(".yaml")}
    points: Any = found["contact-points.yaml"]
    assert all(set(point) == {"orgId", "name", "receivers"} for point in points["contactPoints"])
    policies: Any = found["policies.yaml"]
    assert all("object_matchers" in route for route in policies["policies"][0]["routes"])


def test_times_are_written_as_alertmanager_parses_them() -> None:
    """`start_time` and `end_time`, names of weekdays: what the SDK writes for a mute timing its parser refuses."""
    timing = MuteTiming("nights", (TimeInterval(times=(("00:00", "06:00"),), weekdays=("monday:friday",)),))
    whole = project(mute_timings=(timing, *project().mute_timings))
    data: Any = next(parsed(d) for d in render(whole, OWNED) if d.path.endswith("mute-timings.yaml"))
    (written,) = data["muteTimes"][0]["time_intervals"]
    assert written == {"times": [{"start_time": "00:00", "end_time": "06:00"}], "weekdays": ["monday:friday"]}
    interval(written)
    with pytest.raises(ValueError, match="fri"):
        interval({"weekdays": ["fri"]})


@pytest.mark.parametrize("text", ["1e3", "y", "0o17", "00:00"])
def test_pyyaml_leaves_it_bare_and_it_is_quoted_here(text: str) -> None:
    """go-yaml reads it as another type."""
    quoted = yaml_bytes({"a": VerbatimText(text)})
    assert f'a: "{text}"\n'.encode() in quoted
    assert yaml.safe_dump({"a": text}) == f"a: {text}\n"


def test_its_reader_is_no_step_of_rendering() -> None:
    """`from_json` loses unknown keys and crashes on datasources that are texts."""
    for path in (ROOT / "dashgen").rglob("*.py"):
        assert ".from_json(" not in path.read_text(), path
