"""What fields refuse, where no other test of the model says it: the words of each error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from dashgen import (
    Annotation,
    ByRegex,
    ConstantVariable,
    CustomUnit,
    CustomVariable,
    Dashboard,
    DataLink,
    Environment,
    Folder,
    Hex,
    Link,
    Override,
    Panel,
    Project,
    QuestDB,
    Row,
    SpecError,
    Stat,
    Thresholds,
    TimeSeries,
    as_dashboard,
)
from dashgen.model.core import validators
from dashgen.model.core.durations import Duration
from dashgen.model.core.node import Wrong
from specs import PROJECT
from specs.tables import DaemonMetrics

PROD = Environment("prod")


def odd(value: object) -> Any:
    """A value of a wrong type, which type checkers would tell too."""
    return value


def panel(**fields: Any) -> Stat:
    return Stat("A", "SELECT 1", **fields)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Environment("prod", grafana="12"), "a Grafana version like '12.3', got '12'"),
        (lambda: Environment("prod", uid_prefix="a b"), "uid_prefix: expected a uid of at most 40"),
        (lambda: Environment("prod", org_id=True), "a whole number from 1 to"),
        (lambda: Environment("prod", update_seconds=5), "a whole number from 10 to 86400, got 5"),
        (lambda: Environment("prod", folders=odd({"a": "F"})), "expected a Folder each, got 'F' at 'a'"),
        (lambda: Environment("prod", folders=odd([Folder("a", "A")])), "folders: expected a dict"),
        (lambda: QuestDB(password="quest"), "got a str that is not shown"),
        (lambda: QuestDB(port=0), "a whole number from 1 to 65535"),
        (lambda: Project(environments=()), "environments: expected at least one"),
        (lambda: Project(environments=(PROD, PROD)), "two environments are named 'prod'"),
        (lambda: Project(environments=(PROD,), tables=(str,)), "a class declared with @table"),
        (lambda: Project(environments=(PROD,), demos=odd(("x",))), "expected a Demo each, got 'x'"),
        (lambda: Project(environments=(PROD,), outages=odd(("x",))), "expected an Outage each, got 'x'"),
        (
            lambda: Project(environments=(PROD,), tables=(DaemonMetrics, DaemonMetrics)),
            "two tables or views are named 'daemon_metrics'",
        ),
        (
            lambda: Project(environments=(PROD,), demos=PROJECT.demos[:1]),
            f"demos: {PROJECT.demos[0].table.name!r} is not a table of this project",
        ),
        (lambda: Project(environments=(PROD,), dashboards=odd((5,))), "expected a dashboard each, got 5"),
        (lambda: Link("a"), "needs exactly one of dashboard, url, tags"),
        (lambda: Link("a", url="/x", tags=("y",)), "needs exactly one of dashboard, url, tags"),
        (lambda: Link("a", url="/x", placement=odd("top")), "placement: expected one of 'header', 'menu', got 'top'"),
        (
            lambda: panel(links=(Link("a", tags=("x",), icon="bolt", placement="menu"),)),
            "Link 'a': is a link of the panel 'A', which shows a title and no tags, icon, placement",
        ),
        (lambda: Annotation("a", "SELECT 1", hidden=True, placement="menu"), "is hidden and has a placement"),
        (lambda: CustomVariable("a", ("b",), hide="label", placement="menu"), "hides its label and has a placement"),
        (lambda: ConstantVariable("a", "b", placement="menu"), "is hidden and has a placement "),
        (lambda: Link("a", dashboard=odd(5)), "a Dashboard of dashgen or its uid, got 5"),
        (lambda: Link("a", dashboard="a b"), "a uid of at most 40"),
        (lambda: DataLink("a"), "needs either url or dashboard"),
        (lambda: panel(color="grene"), "did you mean 'green'"),
        (lambda: panel(unit="milliseconds"), "unit: expected"),
        (lambda: panel(thresholds=Thresholds("green", (2, "red"), (1, "blue"))), "steps must ascend, but 1 follows 2"),
        (lambda: Thresholds("green", odd("red")), r"expected steps like \(1, 'green'\), got 'red'"),
        (lambda: Thresholds("green", odd(("1", "red"))), "a step's value: expected a finite number, got '1'"),
        (lambda: Thresholds("green", odd((1, "#ff8800"))), r"write Hex\('#ff8800'\)"),
        (lambda: Override(odd(5)), "a field's name, ByRegex, ByType, ByQuery or FieldMatcher, got 5"),
        (lambda: Override(""), "a field's name, ByRegex, ByType, ByQuery or FieldMatcher"),
        (lambda: Stat("A", odd(5)), "SQL, a Query, or a tuple of them, got 5"),
        (lambda: Stat("A", odd(("SELECT 1", 5))), "expected SQL or a Query each, got 5"),
        (lambda: Stat("A", ("SELECT 1",) * 27), "at most 26 queries, got 27 of them"),
        (lambda: Dashboard(uid="x", title="", rows=()), "a text that is not empty"),
        (lambda: Row("", (), collapsed=True), "needs a title"),
        (lambda: Dashboard(uid="x", title="X", rows=(), time_from="yesterday"), "a relative time like 'now-6h'"),
        (lambda: TimeSeries("A", "SELECT 1", time_from="1 hour"), "a range like '1h', 'now-1h' or 'now/d'"),
        (lambda: TimeSeries("A", "SELECT 1", time_shift="soon"), "a range like '1h' or '1d/d'"),
        (lambda: TimeSeries("A", "SELECT 1", min_interval="1h30m"), "a duration like '30s', '5m', '1h'"),
        (lambda: TimeSeries("A", "SELECT 1", width=25), "a whole number from 1 to 24, got 25"),
        (lambda: CustomVariable("__env", ("a",)), r"a name that does not start with '__'"),
        (lambda: CustomVariable("env", ("a", "b", "a")), "values that differ, got 'a' twice"),
        (lambda: CustomVariable("env", ()), "at least one"),
        (lambda: CustomVariable("a-b", ("a",)), "a name of letters, digits and '_'"),
        (lambda: as_dashboard(5), r"as_dashboard: expected a dashboard, got 5"),
    ],
)
def test_it_is_refused_with_what_was_expected(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        make()


def test_colours_and_units_of_ones_own_have_their_forms() -> None:
    with pytest.raises(ValueError, match="expected a colour like '#ff8800', got 'orange'"):
        Hex("orange")
    with pytest.raises(ValueError, match=r"expected a unit that starts with one of .*suffix:.*; got 'x'"):
        CustomUnit("x")
    assert (Hex("#ff8800"), CustomUnit("suffix: x")) == ("#ff8800", "suffix: x")


@pytest.mark.parametrize(
    ("value", "came"),
    [
        ({"a": {"b": object}}, "at a.b"),
        ({"a": [1, float("nan")]}, r"nan at a\[1\]"),
        ({"a": {1: 2}}, "the key 1 in a"),
        ({"a": "\ud800"}, "in a"),
        ({"n": 2**60}, "at n"),
    ],
)
def test_options_are_json_and_every_place_that_is_not_is_told(value: object, came: str) -> None:
    with pytest.raises(Wrong) as caught:
        validators.freeze(value)
    assert caught.value.expected == "JSON data"
    assert re.search(came, caught.value.came)


def test_what_was_frozen_thaws_and_is_the_same_whatever_the_order() -> None:
    value = {"b": [1, {"c": None}], "a": True}
    assert validators.thaw(validators.freeze(value)) == value
    first, second = validators.freeze(value), validators.freeze(dict(reversed(value.items())))
    assert first == second
    assert hash(first) == hash(second)
    assert repr(first) == "{'a': True, 'b': (1, {'c': None})}"
    assert validators.json_object(first) is first
    with pytest.raises(Wrong, match="a dict of JSON data"):
        validators.json_object([1])


def test_lengths() -> None:
    assert [Duration.parse(text).seconds for text in ("500ms", "30s", "2m", "1h", "1d", "1w")] == [
        0.5, 30, 120, 3600, 86400, 604800
    ]  # fmt: skip
    with pytest.raises(Wrong, match="a duration like"):
        validators.duration("soon")


def test_a_matcher_is_kept_as_it_is() -> None:
    assert Override(ByRegex("/^a/"), unit="ms").match == ByRegex("/^a/")


def test_a_panel_kind_without_a_class_is_checked_by_its_schema() -> None:
    from dashgen.project_checks import check

    wrong = Panel("piechart", "Share", "SELECT 1", description="d", options={"pieTpe": "donut"})
    custom = Panel("piechart", "Other", "SELECT 1", description="d", custom={"nope": 1})
    board = Dashboard(uid="x", title="X", rows=(Row("", (wrong, custom, panel(description="d"))),))
    found = [(p.path, p.message) for p in check(Project(environments=(PROD,), dashboards=(board,)))]
    assert [path for path, _ in found] == ["x › Share › options/pieTpe", "x › Other › fieldConfig/defaults/custom/nope"]
    assert found[0][1] == "unknown key"
