"""A dashboard that was changed in Grafana, brought back into its spec: which lines change, and what it renders then."""

from __future__ import annotations

import copy
import difflib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashgen.adopt.dashboard_source import dashboards
from dashgen.adopt.edit.dashboard_edit import DashboardEdit, edit
from dashgen.loading.load import load
from dashgen.model.project import Project
from dashgen.render import render

Json = dict[str, Any]
Change = Callable[[Json], object]

SPECS = '''\
"""What is rendered."""

from dashgen import (
    CustomVariable,
    Dashboard,
    Environment,
    Project,
    Query,
    Row,
    Stat,
    Thresholds,
    TimeSeries,
)

LIMITS = Thresholds("green", (80, "red"))  # of the team
RATE = """
SELECT timestamp AS time, rate
FROM daemon_metrics
WHERE $__timeFilter(timestamp)
"""


def up(host):
    return f"SELECT up FROM hosts WHERE host = '{host}'"


NOW_ROW = Row(
    "Now",
    (
        Stat("Up", "SELECT up FROM t", key="up", description="Whether it runs.", thresholds=LIMITS),  # first
        Stat("Age", "SELECT age FROM t", key="age", description="Its age.", unit="s", width=6),
        Stat("Host", up("a"), key="host", description="One host."),
    ),
)

BOARD = Dashboard(
    uid="board",
    title="Board",
    variables=(CustomVariable("host", ("a", "b"), default="a"),),
    rows=(
        NOW_ROW,
        Row(
            "Rates",
            (
                TimeSeries(
                    "Rate",
                    RATE,
                    key="rate",
                    description="Rows.",
                    thresholds=LIMITS,
                ),
                TimeSeries("Both", (Query("SELECT 1", name="one"), "SELECT 2"), key="both", description="Two."),
            ),
        ),
    ),
)

PROJECT = Project(environments=(Environment("prod"),), dashboards=(BOARD,))
'''


class Board(NamedTuple):
    """Specs on disk, and what they render."""

    root: Path
    project: Project
    document: Json

    @property
    def module(self) -> Path:
        return self.root / "__init__.py"

    def edited(self, change: Change) -> DashboardEdit:
        document = copy.deepcopy(self.document)
        change(document)
        (source,) = dashboards(document, "edited.json")
        return edit(self.project, self.root, self.module, source, {}, 120)


def loaded(root: Path) -> Project:
    found = load(root)
    assert found.project is not None, found.problems
    return found.project


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    root = tmp_path_factory.mktemp("edit") / "specs"
    root.mkdir()
    (root / "__init__.py").write_text(SPECS)
    project = loaded(root)
    (data,) = (one.data for one in render(project, project.environments[0]) if one.path.endswith("/board.json"))
    return Board(root, project, orjson.loads(data))


def after(made: DashboardEdit, folder: Path) -> tuple[str, ...]:
    """The places in which the specs with the edit do not render what Grafana has."""
    root = folder / "specs"
    root.mkdir(exist_ok=True)
    (root / "__init__.py").write_text(made.placed.text)
    return made.remaining(loaded(root))


def lines(made: DashboardEdit) -> list[str]:
    told = difflib.unified_diff(made.before.splitlines(), made.placed.text.splitlines(), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in [*told][2:] if not line.startswith("@@")]


def panel(document: Json, title: str) -> Json:
    found: Json = next(one for one in document["panels"] if one["title"] == title)
    return found


def defaults(document: Json, title: str) -> Json:
    found: Json = panel(document, title)["fieldConfig"]["defaults"]
    return found


def put(owner: Json, /, **fields: object) -> None:
    owner.update(fields)


def without(document: Json, title: str) -> None:
    document["panels"] = [one for one in document["panels"] if one["title"] != title]


NEW: Json = {
    "id": 4711,
    "type": "stat",
    "title": "Count",
    "gridPos": {"x": 18, "y": 1, "w": 6, "h": 5},
    "datasource": {"type": "questdb-questdb-datasource", "uid": "questdb"},
    "targets": [{"refId": "A", "format": 1, "rawSql": "SELECT count()\nFROM t"}],
}


def add(document: Json) -> None:
    document["panels"].insert(4, {**copy.deepcopy(NEW), "datasource": panel(document, "Up")["datasource"]})


EDITS: dict[str, tuple[Change, list[str]]] = {
    "a title of a dashboard": (lambda d: put(d, title="Boards"), ['-     title="Board",', '+     title="Boards",']),
    "a new argument": (
        lambda d: put(d, refresh="1m", tags=["a"]),
        ["+     tags=(\"a\",),", '+     refresh="1m",'],
    ),
    "a title of a panel": (
        lambda d: put(panel(d, "Rate"), title='Rate of "rows"'),
        ['-                     "Rate",', "+                     'Rate of \"rows\"',"],
    ),
    "an argument in one line": (
        lambda d: put(defaults(d, "Age"), unit="ms"),
        [
            '-         Stat("Age", "SELECT age FROM t", key="age", description="Its age.", unit="s", width=6),',
            '+         Stat("Age", "SELECT age FROM t", key="age", description="Its age.", unit="ms", width=6),',
        ],
    ),
    "an argument that goes": (
        lambda d: defaults(d, "Age").pop("unit"),
        [
            '-         Stat("Age", "SELECT age FROM t", key="age", description="Its age.", unit="s", width=6),',
            '+         Stat("Age", "SELECT age FROM t", key="age", description="Its age.", width=6),',
        ],
    ),
    "SQL of a constant": (
        lambda d: put(panel(d, "Rate")["targets"][0], rawSql="SELECT timestamp AS time, rate\nFROM other"),
        ["- FROM daemon_metrics", "- WHERE $__timeFilter(timestamp)", "+ FROM other"],
    ),
    "SQL of one of two queries": (
        lambda d: put(panel(d, "Both")["targets"][1], rawSql="SELECT 3"),
        [
            '-                 TimeSeries("Both", (Query("SELECT 1", name="one"), "SELECT 2"), key="both", '
            'description="Two."),',
            '+                 TimeSeries("Both", (Query("SELECT 1", name="one"), "SELECT 3"), key="both", '
            'description="Two."),',
        ],
    ),
    "a shared threshold": (
        lambda d: put(defaults(d, "Rate")["thresholds"]["steps"][1], value=90),
        [
            "-                     thresholds=LIMITS,",
            '+                     thresholds=Thresholds("green", (90, "red")),',
        ],
    ),
    "a default of a variable": (
        lambda d: put(d["templating"]["list"][0], current={"text": "b", "value": "b"}),
        [
            '-     variables=(CustomVariable("host", ("a", "b"), default="a"),),',
            '+     variables=(CustomVariable("host", ("a", "b"), default="b"),),',
        ],
    ),
    "a panel that goes": (
        lambda d: without(d, "Age"),
        [
            '-         Stat("Age", "SELECT age FROM t", key="age", description="Its age.", unit="s", width=6),',
            '-         Stat("Host", up("a"), key="host", description="One host."),',
            '+         Stat("Host", up("a"), key="host", description="One host.", at=(12, 0)),',
        ],
    ),
    "a panel that comes": (
        add,
        [
            "+         Stat(",
            '+             "Count",',
            '+             """',
            "+             SELECT count()",
            "+             FROM t",
            '+             """,',
            '+             graph="area",',
            "+         ),",
        ],
    ),
    "a row's title": (
        lambda d: put(panel(d, "Now"), title="Today"),
        ['-     "Now",', '+     "Today",'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_is_placed_where_it_belongs(what: str, board: Board, tmp_path: Path) -> None:
    change, expected = EDITS[what]
    made = board.edited(change)
    assert lines(made) == expected
    assert made.placed.unplaced == ()
    assert after(made, tmp_path) == ()


def test_nothing_changes_where_nothing_was_changed(board: Board) -> None:
    made = board.edited(lambda document: put(document, version=9, id=3))
    assert (made.placed.text, made.diff.subjects) == (SPECS, ())


def test_panels_by_other_ids_are_known_by_their_titles(board: Board) -> None:
    def change(document: Json) -> None:
        for number, one in enumerate(document["panels"]):
            one["id"] = number + 1
        put(document, title="Boards")

    assert lines(board.edited(change)) == ['-     title="Board",', '+     title="Boards",']


def test_what_is_computed_is_left_to_a_person(board: Board, tmp_path: Path) -> None:
    made = board.edited(lambda d: put(panel(d, "Host")["targets"][0], rawSql="SELECT 9\n  # x\nFROM t\r\x0c import os"))
    assert [line for line in lines(made) if line[0] == "-"] == []
    assert all(line.startswith("+ #") for line in lines(made))
    assert [(one.subject, one.what) for one in made.placed.unplaced] == [("panel 'Host'", "query.sql")]
    assert after(made, tmp_path) == ("panels[3].targets[0].rawSql",)


def test_imports_follow_what_is_used(board: Board, tmp_path: Path) -> None:
    def change(document: Json) -> None:
        panel(document, "Rate")["links"] = [{"title": "Docs", "url": "https://example.org", "targetBlank": True}]

    made = board.edited(change)
    assert "    Environment,\n    Link,\n    Project,\n" in made.placed.text
    assert after(made, tmp_path) == ()


def rearranged(document: Json) -> None:
    """Panels in another order, one in another row, a row of its own for one, a folded row."""
    now, up, age, host, rates, rate, both = document["panels"]
    new = {"id": 9, "type": "row", "title": "More", "collapsed": False, "panels": [], "gridPos": {"y": 30, "x": 0}}
    folded = {"id": 10, "type": "row", "title": "Folded", "collapsed": True, "panels": [copy.deepcopy(NEW)]}
    place = {"w": 6, "h": 5}
    age["gridPos"], up["gridPos"] = {"x": 0, "y": 1, **place}, {"x": 6, "y": 1, **place}
    rates["gridPos"] = {"x": 0, "y": 6, "w": 24, "h": 1}
    rate["gridPos"], host["gridPos"] = {"x": 0, "y": 7, "w": 12, "h": 8}, {"x": 12, "y": 7, **place}
    both["gridPos"] = {"x": 0, "y": 31, "w": 12, "h": 8}
    folded["gridPos"] = {"x": 0, "y": 39, "w": 24, "h": 1}
    document["panels"] = [now, age, up, rates, rate, host, new, both, folded]


def test_panels_and_rows_are_rearranged(board: Board, tmp_path: Path) -> None:
    made = board.edited(rearranged)
    assert made.placed.unplaced == ()
    assert after(made, tmp_path) == ()
    assert 'up("a")' in made.placed.text
    assert made.placed.text.index('Stat("Age"') < made.placed.text.index('Stat("Up"')


def test_a_panel_of_another_kind_takes_its_place(board: Board, tmp_path: Path) -> None:
    made = board.edited(lambda d: put(panel(d, "Age"), type="gauge", options={}))
    assert made.placed.unplaced == ()
    assert after(made, tmp_path) == ()
    assert "Gauge(" in made.placed.text


@pytest.mark.parametrize("title", ["Rate", "Up", "Both"])
def test_several_changes_of_a_query_that_is_a_text(board: Board, tmp_path: Path, title: str) -> None:
    made = board.edited(lambda d: put(panel(d, title)["targets"][-1], rawSql="SELECT 9\nFROM t", hide=True))
    assert made.placed.unplaced == ()
    assert after(made, tmp_path) == ()
    assert "SELECT 9" in made.placed.text


def test_edited_modules_stay_formatted(board: Board, tmp_path: Path) -> None:
    changes = [*(change for change, _ in EDITS.values()), rearranged]
    for at, change in enumerate(changes):
        (tmp_path / f"m{at}.py").write_text(board.edited(change).placed.text)
    ruff = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "--line-length", "120", str(tmp_path)]
    ran = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[:3000]


def sized(document: Json, title: str, size: int) -> None:
    panel(document, title)["gridPos"]["h"] = size


OVERRIDE = {"matcher": {"id": "byName", "options": "x"}, "properties": [{"id": "unit", "value": "s"}]}


def red(value: int) -> list[Json]:
    return [{"color": "red", "value": value}]


TITLES = ("Up", "Age", "Rate", "Both")
Operation = Callable[[Json, str, int], object]
OPERATIONS: tuple[Operation, ...] = (
    lambda d, t, n: put(panel(d, t), description=f"{n}\n'''\"\"\"{{}}\\"),
    lambda d, t, n: put(panel(d, t), transparent=True, interval="1m", timeFrom="1h"),
    lambda d, t, n: put(defaults(d, t), unit=("short", "ms", "suffix:x")[n % 3], decimals=n % 4, max=n),
    lambda d, t, n: put(defaults(d, t), thresholds={"mode": "absolute", "steps": [{"color": "blue"}, *red(n)]}),
    lambda d, t, n: put(defaults(d, t), mappings=[{"type": "value", "options": {str(n): {"text": "x"}}}]),
    lambda d, t, n: put(panel(d, t)["targets"][0], rawSql=f"SELECT {n}\n  FROM t\nWHERE a = 'b'"),
    lambda d, t, n: put(panel(d, t)["targets"][0], hide=True),
    lambda d, t, n: sized(d, t, 1 + n % 20),
    lambda d, t, n: without(d, t),
    lambda d, t, n: None if any(one["title"] == "Count" for one in d["panels"]) else add(d),
    lambda d, t, n: put(d["templating"]["list"][0], query=f"a,{n}", label="Host"),
    lambda d, t, n: put(d, refresh="", graphTooltip=n % 3, time={"from": "now-1h", "to": "now"}),
    lambda d, t, n: put(next(one for one in reversed(d["panels"]) if one["type"] == "row"), title=f"Rates {n}"),
    lambda d, t, n: panel(d, t).setdefault("options", {}).update(noSuchOption=n),
    lambda d, t, n: put(panel(d, t), cacheTimeout=str(n)),
    lambda d, t, n: put(panel(d, t)["fieldConfig"], overrides=[OVERRIDE]),
)  # fmt: skip
edits = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(TITLES), st.integers(0, 99)), min_size=1, max_size=4
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
@given(found=edits)
def test_edits_at_random_render_what_grafana_has(
    board: Board, tmp_path_factory: pytest.TempPathFactory, found: list[tuple[Operation, str, int]]
) -> None:
    def change(document: Json) -> None:
        for operation, title, number in found:
            if any(one["title"] == title for one in document["panels"]):
                operation(document, title, number)

    made = board.edited(change)
    assert made.placed.unplaced == ()
    assert after(made, tmp_path_factory.mktemp("random")) == ()
