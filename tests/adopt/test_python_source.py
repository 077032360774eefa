"""Dashboards and rules of grafanalib and of the Foundation SDK, imported out of somebody's modules."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashgen.adopt.dashboard_report import ImportedDashboard
from dashgen.adopt.plan import Plan, plan
from dashgen.adopt.python_source import sources
from dashgen.adopt.source_kind import NotThisKind
from dashgen.adopt.target import target
from dashgen.loading.python_objects import LoadedObjects, load_objects

GRAFANALIB = """
from grafanalib import core as g

BOARD = g.Dashboard(
    title="Shop",
    uid="shop",
    panels=[
        g.TimeSeries(
            title="Load",
            dataSource="QuestDB",
            targets=[g.SqlTarget(rawSql="SELECT ts AS time, load FROM cpu", refId="A")],
            gridPos=g.GridPos(h=8, w=12, x=0, y=0),
        ),
        g.GaugePanel(
            title="Full",
            dataSource="QuestDB",
            targets=[g.SqlTarget(rawSql="SELECT full FROM disk", refId="A", format="table")],
            gridPos=g.GridPos(h=8, w=12, x=12, y=0),
        ),
    ],
    templating=g.Templating([g.Template(name="host", query="a,b", type="custom")]),
).auto_panel_ids()
RULE = g.AlertRulev9(
    title="Down", uid="down", condition="B", evaluateFor="5m", labels={"team": "shop"},
    triggers=[
        g.Target(expr="up", refId="A", datasource="prom"),
        g.AlertExpression(
            refId="B", expressionType=g.EXP_TYPE_CLASSIC, expression="A",
            conditions=[g.AlertCondition(evaluator=g.LowerThan(1), operator=g.OP_AND, reducerType=g.RTYPE_LAST)],
        ),
    ],
)
GROUP = g.AlertGroup(name="shop", rules=[RULE], folder="Shop alerts")
"""
SDK = """
from grafana_foundation_sdk.builders import alerting, dashboard, timeseries
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

class Sql(Dataquery):
    def to_json(self):
        return {"rawSql": "SELECT ts AS time, load FROM cpu", "format": 0}

class Asks:
    def build(self):
        return Sql()

def board():
    source = DataSourceRef(type_val="questdb-questdb-datasource", uid="qdb")
    panel = timeseries.Panel().title("Load").datasource(source).with_target(Asks()).span(12).height(8)
    return dashboard.Dashboard("Shop").uid("shop").with_panel(panel)

def raises():
    return 1 / 0

PLAIN = {"title": "Plain", "panels": [], "schemaVersion": 42}
NUMBER = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "gl_boards.py").write_text(GRAFANALIB)
    (tmp_path / "sdk_boards.py").write_text(SDK)
    (tmp_path / "broken_boards.py").write_text("X = 1\nraise ValueError('no')\n")
    yield tmp_path
    for name in ("gl_boards", "sdk_boards", "broken_boards"):
        sys.modules.pop(name, None)


def planned(found: LoadedObjects, root: Path) -> Plan:
    assert not found.problems, found.problems
    given = [one for document in found.documents for one in sources(document.library, document.data, "x:Y")]
    return plan(given, target(root / "specs", None, None, {}, given, ""), force=False)


def test_a_dashboard_of_grafanalib_reads_as_specs(folder: Path) -> None:
    made = planned(load_objects("gl_boards.py:BOARD", folder), folder)
    source = made.files["dashboards/shop.py"]
    assert 'TimeSeries(\n            "Load",\n            "SELECT ts AS time, load FROM cpu",' in source
    assert 'Gauge(\n            "Full",\n            "SELECT full FROM disk",' in source
    assert 'CustomVariable("host", ("a", "b"), free_values=True' in source
    (one,) = made.imported
    assert isinstance(one, ImportedDashboard)
    assert one.difference == ""
    assert one.adopted.shares.own_panels == 1  # the other one has a key of grafanalib's in its scale
    assert [note.partition(":")[0] for note in one.notes] == [
        "the datasource 'QuestDB', which grafanalib gives no type, is taken for QuestDB's plugin",
        "'Full'",
    ]
    assert one.notes[1].endswith(
        "mended what grafanalib writes of a gauge: what is reduced, and how, in its field config"
    )


def test_a_group_of_grafanalib_reads_as_rules(folder: Path) -> None:
    made = planned(load_objects("gl_boards:GROUP", folder), folder)
    source = made.files["alerts/shop.py"]
    assert 'uid="down"' in source
    assert 'folder="Shop alerts"' in source
    assert [one.difference for one in made.imported] == [""]


def test_a_builder_of_the_sdk_is_called_and_built(folder: Path) -> None:
    made = planned(load_objects("sdk_boards:board", folder), folder)
    assert '"SELECT ts AS time, load FROM cpu"' in made.files["dashboards/shop.py"]
    assert [one.difference for one in made.imported] == [""]
    assert planned(load_objects("sdk_boards:PLAIN", folder), folder).files.keys() >= {"dashboards/plain.py"}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("gl_boards", "gl_boards: names no module and object"),
        ("nowhere.py:X", "nowhere.py:X: there is no such file"),
        ("gl_boards:BORD", "gl_boards:BORD: gl_boards has no 'BORD'"),
        ("sdk_boards:NUMBER", "sdk_boards:NUMBER: expected an object of grafanalib or of the Foundation SDK"),
    ],
    ids=range(4),
)
def test_what_is_no_object_is_said(reference: str, said: str, folder: Path) -> None:
    found = load_objects(reference, folder)
    assert found.documents == ()
    assert f"{found.problems[0].path}: {found.problems[0].message}".startswith(said)


@pytest.mark.parametrize(
    ("reference", "place"), [("broken_boards:X", "broken_boards.py:2"), ("sdk_boards:raises", "sdk_boards.py:20")]
)
def test_what_a_module_raises_has_its_place(reference: str, place: str, folder: Path) -> None:
    (problem,) = load_objects(reference, folder).problems
    assert problem.source is not None
    assert f"{Path(problem.source.file).name}:{problem.source.line}" == place


def test_what_holds_no_dashboard_is_refused() -> None:
    data: dict[str, Any] = json.loads('{"name": "x"}')
    with pytest.raises(NotThisKind, match="no dashboard"):
        list(sources("sdk", data, "x:Y"))
