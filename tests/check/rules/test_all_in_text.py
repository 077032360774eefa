"""Texts and filters that show what All stands for in SQL."""

from __future__ import annotations

from typing import Any

import pytest
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import text

from dashgen import (
    AlertList,
    CustomVariable,
    Dashboard,
    DataLink,
    Environment,
    Link,
    Override,
    Project,
    QueryVariable,
    Row,
    Stat,
    Text,
    as_dashboard,
)
from dashgen.check.engine import judge_whole
from dashgen.check.rule import Whole
from dashgen.check.rules import rules

RULE = next(rule for rule in rules() if rule.name == "all-in-text")
HOST = QueryVariable("host", "SELECT host FROM t", multi=True, include_all=True)
SIDE = CustomVariable("side", ("buy", "sell"))


def said(*dashboards: Any) -> list[str]:
    project = Project(environments=(Environment("prod"),), dashboards=dashboards)
    found = [match for _, match in judge_whole(Whole(project, ()), (RULE,))]
    assert all(match.owner is not None for match in found)
    return [f"{match.path}: {match.message} | {match.hint}" for match in found]


def board(*panels: Any, row: str = "", repeat: str = "", **fields: Any) -> Dashboard:
    return Dashboard(uid="x", title="X", variables=(HOST, SIDE), rows=(Row(row, panels, repeat=repeat),), **fields)


def stat(**fields: Any) -> Stat:
    return Stat("S", "SELECT 1", **fields)


SHOWN = "with All chosen in $host, this says '__all' | write ${host:text}, which is All then"


@pytest.mark.parametrize(
    ("dashboard", "where"),
    [
        (board(Text("T", content="of **$host**")), "x › T: content"),
        (board(Text("T", content="of ${host}, and of $host", mode="html")), "x › T: content"),
        (board(Text("T", content="of [[host]]")), "x › T: content"),
        (board(Text("T", content="of ${host:csv} and ${side}")), "x › T: content"),
        (board(stat(description="What $host does.")), "x › S: description"),
        (board(stat(display_name="of $host")), "x › S: display_name"),
        (board(stat(overrides=(Override("v", display_name="$host"),))), "x › S › Override 'v': display_name"),
        (board(stat(links=(Link("to $host", url="/x"),))), "x › S › Link 'to $host': title"),
        (board(stat(data_links=(DataLink("to $host", url="/x"),))), "x › S › DataLink 'to $host': title"),
        (board(links=(Link("l", url="/x", tooltip="of $host"),)), "x › Link 'l': tooltip"),
        (board(Text("of ${host:csv}", content="x")), "x › of ${host:csv}: title"),
        (board(Text("T", content="x"), row="of ${host:pipe}"), "x › of ${host:pipe}: title"),
    ],
)
def test_it_is_shown(dashboard: Dashboard, where: str) -> None:
    assert said(dashboard) == [f"{where}: {SHOWN}"]


@pytest.mark.parametrize(
    "dashboard",
    [
        board(Text("T", content="of ${host:text}")),
        board(Text("T", content="of ${host.text} and $side")),
        board(Text("of $host", content="x"), row="and of ${host}"),
        board(Text("of ${host:text}", content="x")),
        board(stat(links=(Link("there", url="/d/y?var-host=${host}&${host:queryparam}"),))),
        board(Text("T", content="of $host", repeat="host")),
        board(Text("T", content="of $host"), row="of $host", repeat="host"),
        board(Text("T", content="costs $5, $hosts and $__from")),
        board(AlertList("A", labels='{side="$side"}')),
    ],
)
def test_it_is_right(dashboard: Dashboard) -> None:
    assert said(dashboard) == []


def test_an_alert_list_asks_for_it() -> None:
    assert said(board(AlertList("A", labels='{host="$host"}', alert_name="$host is down"))) == [
        f"x › A: {field}: with All chosen, $host is the text '__all', which no alert has: the list is empty"
        " | remove the filter, or give the variable no All (include_all=False)"
        for field in ("labels", "alert_name")
    ]


@pytest.mark.parametrize(
    ("all_value", "repeat", "count"), [("'__all'", "", 2), (".*", "", 2), (None, "", 0), ("'__all'", "host", 0)]
)
def test_a_dashboard_of_another_library(all_value: str | None, repeat: str, count: int) -> None:
    variable = db.QueryVariable("host").query("SELECT host FROM t").multi(True).include_all(True)
    if all_value:
        variable.all_value(all_value)
    panel = text.Panel().title("T of $host").content("of $host, ${host:text}").description("of $host")
    if repeat:
        panel.repeat(repeat)
    found = said(as_dashboard(db.Dashboard("X").uid("x").with_variable(variable).with_panel(panel)))
    assert len(found) == count
    assert all(f"says {all_value}" in one for one in found)


def test_a_panel_of_another_library_among_ours() -> None:
    panel = text.Panel().title("T").content("of $host")
    assert said(board(panel)) == [f"x › T: content: {SHOWN}"]
