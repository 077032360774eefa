"""The rules about what is declared."""
# ruff: noqa: E501 - a trial's SQL reads best in one line

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import pytest

from dashgen import AlertGroup, ContactPoint, Dashboard, Environment, Folder, Table, Telegram, TimeSeries
from dashgen.check.rule import RuleMatch, Whole
from dashgen.check.rules import contained_title, similar_title, unread_grafana
from dashgen.check.session import Session
from dashgen.model.core.problems import SpecError
from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table, table_of
from tests.alerting_project import project, rule
from tests.check.helpers import matches, texts
from tests.check.rules.trials import IN, Trial, check

TRIALS = (
    Trial(
        "undeclared-table",
        Table("Rows", f"SELECT host FROM daemon_metric WHERE {IN} LIMIT 9"),
        "expected a declared table or view, got 'daemon_metric'",
        "daemon_metric",
        Table("Rows", "WITH daemon AS (SELECT table_name FROM tables()) SELECT table_name FROM daemon LIMIT 9"),
        accepted=False,
    ),
    Trial(
        "undeclared-column",
        Table("Rows", f"SELECT host, fetches FROM (SELECT host, fetch_count AS fetched FROM daemon_metrics WHERE {IN}) LIMIT 9"),
        "expected a declared column, got 'fetches'",
        "fetches",
        Table("Rows", f"SELECT host, fetched + 1 AS more, more + 1 AS most FROM (SELECT host, fetch_count AS fetched FROM daemon_metrics d WHERE {IN}) ORDER BY most DESC LIMIT 9"),
        accepted=False,
    ),
)  # fmt: skip


@pytest.mark.questdb
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_trial(trial: Trial, session: Session) -> None:
    check(trial, session)


def test_the_frame_of_a_window_names_no_columns() -> None:
    frame = "RANGE BETWEEN 15 MINUTE PRECEDING AND CURRENT ROW"
    window = f"sum(uptime_seconds) OVER (PARTITION BY host ORDER BY timestamp {frame}) AS u"
    assert (
        texts("undeclared-column", Table("Rows", f"SELECT host, {window} FROM daemon_metrics WHERE {IN} LIMIT 9")) == []
    )


def test_a_near_name_is_proposed() -> None:
    (match,) = matches("undeclared-column", Table("Rows", f"SELECT hots FROM daemon_metrics WHERE {IN} LIMIT 9"))
    assert match.hint == "did you mean 'host'?"


@table(
    name="readings",
    dedup=("ts", "device"),
    views=(MaterializedView(name="readings_1m", bucket="1m", sql="SELECT ts, device, sum(kept) AS kept FROM readings SAMPLE BY 1m"),),
)  # fmt: skip
class Readings:
    ts: Annotated[datetime, Designated()]
    device: Annotated[str, Symbol()]
    kept: float
    forgotten: float


def test_a_column_that_nothing_reads_is_noted() -> None:
    panel = TimeSeries("Kept", "SELECT ts AS time, device, kept FROM readings_1m WHERE $__timeFilter(ts)")
    (match,) = matches("unused-column", panel, tables=(Readings,))
    assert match.message == "readings.forgotten: nothing reads it"
    assert match.owner is table_of(Readings)
    assert match.path == "readings › forgotten"


def test_a_table_that_nothing_reads_is_noted_once() -> None:
    panel = Table("Rows", "SELECT forgotten FROM readings WHERE $__timeFilter(ts) LIMIT 9")
    assert texts("unused-column", panel, tables=(Readings,)) == ["readings_1m: nothing reads it"]


def test_a_window_in_a_view_is_found() -> None:
    view = MaterializedView(
        name="wrong_1m",
        bucket="1m",
        sql="SELECT ts, device, sum(d) AS d FROM (SELECT ts, device, kept - lag(kept) OVER (PARTITION BY device ORDER BY ts)"
        " AS d FROM wrong) SAMPLE BY 1m",
    )
    with pytest.raises(SpecError, match="expected no window function"):

        @table(name="wrong", dedup=("ts", "device"), views=(view,))
        class Refused:
            ts: Annotated[datetime, Designated()]
            device: Annotated[str, Symbol()]
            kept: float

    from dataclasses import replace

    class Slipped:
        """A table that was not built by `@table`, such as one read from elsewhere."""

        __table__ = replace(table_of(Readings), views=(replace(view, base="readings"),))

    panel = TimeSeries("Kept", "SELECT ts AS time, device, d FROM wrong_1m WHERE $__timeFilter(ts)")
    (match,) = matches("window-in-view", panel, tables=(Slipped,))
    assert match.message == "view wrong_1m: lag() loses a difference at each refresh"
    assert matches("window-in-view", panel, tables=(Readings,)) == []


@pytest.mark.parametrize(
    ("alerts", "dashboards", "found"),
    [
        ("Alerts of the daemons", "Daemons", True),
        ("daemons", "Daemons and pipelines", True),
        ("Alerts: DAEMONS!", "daemons", True),
        ("Daemons", "Alerts of the daemons", True),
        ("Daemon alerts", "Daemons", False),  # words, not letters: what a search finds
        ("On-call alerts", "Market data daemons", False),
        ("On-call", "…", False),
    ],
)
def test_an_alert_folder_named_like_the_dashboards_folder(alerts: str, dashboards: str, found: bool) -> None:
    def told(**fields: Any) -> list[RuleMatch]:
        environment = Environment("prod", folders={"default": Folder("f", dashboards)}, hosts=("a", "b"), **fields)
        groups = tuple(AlertGroup(name, folder=alerts, rules=(rule(uid=name),)) for name in ("one", "two"))
        return list(contained_title.check(Whole(project(environments=(environment,), alerts=groups), ())))

    assert [match.path for match in told()] == (["alerts › one"] if found else [])
    assert told(allow_ui_updates=True) == []  # Grafana does not look for duplicates then


def test_several_folders_of_dashboards_may_have_any_titles() -> None:
    folders = {"default": Folder("f", "Daemons"), "other": Folder("g", "Trading daemons")}
    environment = Environment("prod", folders=folders)
    boards = tuple(Dashboard(uid=name, title=name, folder=name, rows=()) for name in folders)
    groups = (AlertGroup("one", folder="Alerts of daemons", rules=(rule(),)),)
    whole = project(environments=(environment,), dashboards=boards, alerts=groups)
    assert list(contained_title.check(Whole(whole, ()))) == []


def _alike(*groups: AlertGroup, boards: tuple[tuple[str, str], ...] = (), folders: tuple[str, ...] = ()) -> list[str]:
    """What is said of dashboards by title and folder, of folders by title, and of groups."""
    named = {"default": Folder("f0", "Boards"), "other": Folder("f1", "Else")}
    named |= {f"n{i}": Folder(f"n{i}", title) for i, title in enumerate(folders)}
    made = tuple(Dashboard(uid=f"d{i}", title=t, folder=f, rows=()) for i, (t, f) in enumerate(boards))
    whole = project(environments=(Environment("prod", folders=named),), dashboards=made, alerts=groups)
    return [f"{m.path}: {m.message.partition(' differ')[0]}" for m in similar_title.check(Whole(whole, ()))]


def test_titles_that_differ_only_by_case_or_blanks() -> None:
    def group(name: str, *titles: str, folder: str = "A") -> AlertGroup:
        rules = tuple(rule(uid=f"r{abs(hash((name, t)))}", title=t, panel=None, link_variables=()) for t in titles)
        return AlertGroup(name, folder=folder, rules=rules)

    assert _alike(boards=(("CPU", "default"), ("cpu", "default"))) == ["d1: dashboards 'CPU' and 'cpu'"]
    assert _alike(boards=(("Disk  full", "default"), ("Disk full", "default"))) == [
        "d1: dashboards 'Disk  full' and 'Disk full'"
    ]
    assert _alike(boards=(("CPU", "default"), ("cpu", "other"), ("CPUs", "default"))) == []
    assert _alike(boards=(("CPU ", "default"), ("CPU", "default"))) == []  # an error of its own
    assert _alike(group("Disks"), group("disks")) == ["alerts › disks: alert groups 'Disks' and 'disks'"]
    assert _alike(group("Disks"), group("disks", folder="B")) == []
    (only,) = _alike(group("a", "Straße voll"), group("b", "STRASSE voll "))
    assert only.endswith("alert rules 'Straße voll' and 'STRASSE voll '")
    assert _alike(group("a", "One", "one too"), group("b", "Other")) == []
    assert _alike(group("a"), group("b", folder="a")) == ["alerts › b: folders 'A' and 'a'"]
    assert _alike(folders=("Daemons", "DAEMONS")) == ["environment prod: folders 'Daemons' and 'DAEMONS'"]


def test_contact_points_that_differ_only_by_case_or_blanks() -> None:
    def told(*names: str) -> list[tuple[str, str]]:
        points = tuple(ContactPoint(name, (Telegram(f"t{i}"),)) for i, name in enumerate(names))
        found = similar_title.check(Whole(project(contact_points=points), ()))
        return [(match.message, match.path) for match in found]

    said = "contact points 'on-call' and 'On-Call' differ only by case or blanks, which nobody tells apart in a list"
    assert told("on-call", "On-Call", "on-call-2") == [(said, ContactPoint("On-Call", (Telegram("t"),)).called())]
    assert [path for _, path in told("night shift", "night  shift")] == [
        ContactPoint("night  shift", (Telegram("t"),)).called()
    ]
    assert told("on-call", "on call", "oncall") == []


@pytest.mark.parametrize(("grafana", "told"), [("12.4", 0), ("13.3", 0), ("13.4", 1), ("14.1", 1), ("12.9", 1)])
def test_a_grafana_that_nobody_has_looked_at(grafana: str, told: int) -> None:
    whole = Whole(project(environments=(Environment("prod", grafana=grafana),)), ())
    found = list(unread_grafana.check(whole))
    assert [match.path for match in found] == ["environment prod"] * told
    assert all(match.message.startswith(f"Grafana {grafana} is n") for match in found)
