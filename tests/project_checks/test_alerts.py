"""What only the whole project shows of its alerts and of who hears of them."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import (
    AlertGroup,
    ChannelRoute,
    ContactPoint,
    Dashboard,
    Environment,
    Folder,
    Match,
    MuteTiming,
    PanelRef,
    Policy,
    Project,
    RawReceiver,
    Route,
    Row,
    Stat,
    Telegram,
    Template,
    TimeInterval,
)
from dashgen.model.alerting.alert import AlertRule
from dashgen.project_checks import check
from tests.alerting_project import OWNED, POINTS, POLICY, SHARED, project, rule


def said(of: Project) -> list[str]:
    return [f"{p.path}: {p.message}" for p in check(of)]


def with_policy(*routes: Route | ChannelRoute, receiver: str = "email") -> Project:
    return project(policy=Policy(receiver, routes=(*POLICY.routes, *routes)))


def timing(**fields: Any) -> Project:
    return project(mute_timings=(MuteTiming("weekends", (TimeInterval(**fields),)),))


SILENT = "alerts › Daemons › silent"


def test_a_whole_project_is_whole() -> None:
    assert said(project()) == []


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ((rule(channels=("telegramm",)),), "channels: there is no contact point 'telegramm'"),
        ((rule(), rule()), "another rule has the uid 'silent'"),
        ((rule(), rule(uid="b")), "another rule of folder 'Alerts' has the title 'Silent'"),
        ((rule(panel=None),), "link_variables: it has no panel to link to"),
        ((rule(link_variables=("hots",)),), "link_variables: 'health' has no variable 'hots'"),
        ((rule(query="SELECT $host"),), "the SQL uses $host, which only a browser replaces"),
        ((rule(query="SELECT ${env}"),), "the SQL uses ${env}, which only a browser replaces"),
        (
            (rule(query="SELECT 1 WHERE $__conditionalAll(a, $a)"),),
            "uses $__conditionalAll, which only a browser",
        ),
        ((rule(query="SELECT $__from"),), "the SQL uses $__from, which only a browser replaces"),
        (
            (rule(query="SELECT 1 SAMPLE BY $__sampleByInterval"),),
            "uses $__sampleByInterval, which no viewer chooses",
        ),
        ((rule(summary="{{ $values.Q.Value }}"),), "summary: $values has no 'Q', only A, B, C"),
        ((rule(summary='{{ index $values "D" }}'),), "summary: $values has no 'D', only A, B, C"),
        ((rule(summary="{{ $labels.host"),), "summary: unclosed action in '{{ $labels.host'"),
        ((rule(labels={"team": "{{ $x }}"}),), "labels.team: undefined variable '$x' in '{{ $x }}'"),
        ((rule(annotations={"more": "{{ nope }}"}),), 'annotations.more: function "nope" not defined'),
        ((rule(datasource="other"),), "no environment has a datasource 'other'"),
    ],
)
def test_a_rule(rules: tuple[AlertRule, ...], text: str) -> None:
    assert any(text in line for line in said(project(*rules))), said(project(*rules))


def test_a_panel_that_the_project_does_not_list() -> None:
    other = Dashboard(uid="other", title="O", rows=(Row("", (Stat("Up", "SELECT 1", key="up", description="x"),)),))
    assert said(project(rule(panel=other["up"], link_variables=()))) == [
        f"{SILENT}: panel: PROJECT does not list the dashboard 'other'"
    ]


def test_a_panel_without_an_explicit_key() -> None:
    from tests.alerting_project import HEALTH

    found = said(project(rule(panel=PanelRef(HEALTH, "down"))))
    assert found == [f"{SILENT}: panel: 'health' has no panel with key='down'"]


def test_groups() -> None:
    twice = (AlertGroup("Daemons", folder="A", rules=(rule(),)), AlertGroup("Daemons", folder="A"))
    assert said(project(alerts=twice)) == [
        "alerts › Daemons: another group of folder 'A' has this name",
        "alerts › Daemons: has no rules",
    ]


def test_a_folder_of_dashboards_is_no_folder_of_alerts() -> None:
    environment = Environment(
        "prod", hosts=("a",), owns_policy_tree=True, folders={"default": Folder("dashgen", "Alerts")}
    )
    assert said(project(environments=(environment,))) == [
        "alerts › Daemons: folder 'Alerts' is a folder of dashboards in 'prod'"
    ]


def test_the_fleet_must_be_declared() -> None:
    assert said(project(environments=(Environment("prod", owns_policy_tree=True),))) == [
        "environment prod: has no hosts, and the SQL of AlertRule 'silent' reads the hosts"
    ]


def test_uids_with_a_prefix_have_room() -> None:
    long = Environment("long", env="dev", hosts=("a",), uid_prefix="x" * 38 + "-")
    found = said(project(environments=(OWNED, long)))
    assert any(line.startswith("environment long: uid_prefix: with it the uid 'health', 'silent'") for line in found)
    assert "contact point telegram › Telegram 'tg': its uid 'tg' is 46 characters too long with the prefix" in found


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (with_policy(receiver="emial"), "policy: there is no contact point 'emial'"),
        (
            with_policy(Route("chat", matchers=(Match("a", "=", "b"),))),
            "Route 'a=b': there is no contact point",
        ),
        (
            with_policy(Route("email", matchers=(Match("a", "=", "b"),), mute_timings=("weekend",))),
            "policy › Route 'a=b': there is no mute timing 'weekend'",
        ),
        (with_policy(ChannelRoute("email")), "another ChannelRoute has the channel 'email'"),
        (
            project(contact_points=(*POINTS, ContactPoint("x", (Telegram("x"),)))),
            "contact point x: nothing routes to it",
        ),
        (
            project(contact_points=(*POINTS, ContactPoint("email", (Telegram("x"),)))),
            "contact point email: another contact point has the name 'email'",
        ),
        (
            project(contact_points=(*POINTS[:2], ContactPoint("platform", (Telegram("tg"),)))),
            "contact point platform › Telegram 'tg': another receiver has the uid 'tg'",
        ),
        (project(policy=None), "environment prod: owns_policy_tree: PROJECT has no policy"),
        (timing(weekdays=("friday:monday",)), "the week starts with sunday"),
        (timing(weekdays=("fri",)), "weekdays: expected a weekday like 'monday', got 'fri'"),
        (timing(times=(("22:00", "06:00"),)), "times: expected a time range that ends after it starts"),
        (timing(years=("2026",), location="Mars/Base"), "'Mars/Base' is not a time zone"),
        (
            project(templates=(Template("page", '{{ define "page" }}'),)),
            "message template page: text: unexpected EOF",
        ),
        (project(templates=(Template("t", "x"), Template("t", "x"))), "another message template has the name 't'"),
        (
            project(templates=(Template("a", '{{ define "x" }}{{ end }}'), Template("b", '{{ define "x" }}{{ end }}'))),
            "message template b: text: the template 'x' is defined in 'a' too",
        ),
        (
            project(contact_points=(*POINTS, ContactPoint("p", (RawReceiver("s", "line", {"text": "{{ nope }}"}),)))),
            "contact point p › RawReceiver 's': settings.text: function \"nope\" not defined",
        ),
        (
            project(contact_points=(*POINTS, ContactPoint("p", (Telegram("s", message='{{ template "pge" . }}'),)))),
            "contact point p › Telegram 's': message: template \"pge\" not defined",
        ),
    ],
)
def test_who_hears_of_it(of: Project, text: str) -> None:
    assert any(text in line for line in said(of)), said(of)


def test_every_problem_is_told_once_whatever_the_number_of_environments() -> None:
    found = said(project(rule(query="SELECT $host"), environments=(OWNED, SHARED)))
    assert found == [f"{SILENT}: the SQL uses $host, which only a browser replaces"]


def test_environments_of_one_grafana_have_rules_of_their_own() -> None:
    shared = Environment("test", env="dev", hosts=("c",), instance="prod")
    found = said(project(environments=(OWNED, shared)))
    assert any(
        line.startswith("environment test: environment 'prod', which goes to the same Grafana and org, has")
        and "the alert rule uid 'silent'" in line
        for line in found
    ), found


def test_a_label_whose_template_fails_is_refused() -> None:
    """It would be the template's own text, which no policy is meant for."""
    failing = AlertRule(
        uid="r", title="R", query="SELECT host, 1 AS value", threshold=1, severity="info", summary="s",
        labels={"size": "{{ humanize $values.B }}"},
    )  # fmt: skip
    groups = (AlertGroup("g", folder="Alerts", rules=(failing,)),)
    expected = "labels.size: '{{ humanize $values.B }}' fails in Grafana"
    assert any(expected in one for one in said(project(alerts=groups)))
