"""A small project with everything that alerting has, for tests that change one thing in it."""

from __future__ import annotations

from typing import Any

from dashgen import (
    AlertGroup,
    AlertRule,
    ChannelRoute,
    ContactPoint,
    Dashboard,
    Discord,
    Email,
    Environment,
    EnvironmentVariable,
    Match,
    MuteTiming,
    Policy,
    Project,
    QueryVariable,
    QuestDB,
    Route,
    Row,
    Stat,
    Telegram,
    Template,
    TimeInterval,
    datasource_errors,
)

ENV = EnvironmentVariable("env", values=("prod", "dev"))
HEALTH = Dashboard(
    uid="health",
    title="Health",
    variables=(ENV, QueryVariable("host", "SELECT DISTINCT host FROM load")),
    rows=(Row("Now", (Stat("Up", "SELECT 1 AS up", key="up", description="Whether it is."),)),),
)
OWNED = Environment("prod", hosts=("a", "b"), owns_policy_tree=True)
SHARED = Environment(
    "test", env="dev", hosts=("c",), uid_prefix="t-", org_id=2, datasources={"questdb": QuestDB(plugin="postgres")}
)
SILENT = {
    "uid": "silent",
    "title": "Silent",
    "query": "SELECT host, age FROM (${hosts:rows}) WHERE env = ${env:sqlstring} AND ts < $__toTime",
    "threshold": 60,
    "for_duration": "30s",
    "severity": "critical",
    "channels": ("telegram", "email"),
    "summary": "{{ $labels.host }} says nothing",
    "panel": HEALTH["up"],
    "link_variables": ("host",),
}
POINTS = (
    ContactPoint("telegram", (Telegram("tg"),)),
    ContactPoint("email", (Email("mail"),)),
    ContactPoint("platform", (Discord("dc"),)),
)
POLICY = Policy(
    "email",
    repeat_interval="2h",
    routes=(
        datasource_errors("platform", repeat_interval="1h"),
        ChannelRoute(
            "email",
            group_wait="1m",
            routes=(Route(matchers=(Match("severity", "=", "info"),), mute_timings=("weekends",)),),
        ),
    ),
)


def rule(**fields: Any) -> AlertRule:
    return AlertRule(**{**SILENT, **fields})


def project(*rules: AlertRule, **fields: Any) -> Project:
    given: dict[str, Any] = {
        "environments": (OWNED, SHARED),
        "dashboards": (HEALTH,),
        "alerts": (AlertGroup("Daemons", folder="Alerts", rules=rules or (rule(),)),),
        "contact_points": POINTS,
        "policy": POLICY,
        "mute_timings": (MuteTiming("weekends", (TimeInterval(weekdays=("saturday", "sunday")),)),),
        "templates": (Template("page", '{{ define "page" }}{{ len .Alerts }}{{ end }}'),),
    }
    return Project(**{**given, **fields})
