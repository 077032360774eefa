"""Every alerting file: parsed again, valid, expanded by Grafana to what was meant."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from dashgen import (
    AlertGroup,
    ContactPoint,
    Environment,
    Expression,
    Math,
    MuteTiming,
    Opsgenie,
    PagerDuty,
    Policy,
    Project,
    Query,
    RawReceiver,
    Reduce,
    Resample,
    Slack,
    Teams,
    Template,
    TimeInterval,
    Webhook,
)
from dashgen.grafana.notification_policies import route_alert, tree
from dashgen.grafana.provisioning_variables import expand
from dashgen.pipeline import invalid
from dashgen.project_checks import check
from dashgen.render import Document, parsed, render
from dashgen.render.serialise import Interpolated, VerbatimText, yaml_bytes
from tests.alerting_project import OWNED, SHARED, project, rule

ABOVE_ONE = {"type": "gt", "params": [1]}
LEDGER = frozenset({"rule old", "receiver gone", "mute-timing nights", "template x", "dashboard was", "rule silent"})


def documents(of: Project, environment: Environment, ledger: frozenset[str] = frozenset()) -> dict[str, Document]:
    return {d.path.removeprefix("provisioning/alerting/"): d for d in render(of, environment, ledger)}


def data(of: Project, environment: Environment, path: str) -> Any:
    return parsed(documents(of, environment)[path])


def the_rule(of: Project, environment: Environment = OWNED) -> Any:
    return data(of, environment, "rules-daemons.yaml")["groups"][0]["rules"][0]


@pytest.mark.parametrize("environment", [OWNED, SHARED], ids=lambda e: e.name)
def test_all_files(environment: Environment, snapshot: SnapshotAssertion) -> None:
    whole = project()
    assert check(whole) == ()
    found = documents(whole, environment, LEDGER)
    assert list(invalid(found.values(), whole)) == []
    shown = {p: d.data.decode() for p, d in found.items() if p.endswith((".yaml", ".example")) and "/" not in p}
    assert "".join(f"--- {path}\n{text}" for path, text in shown.items()) == snapshot


def test_deletions_sort_before_everything_else() -> None:
    paths = [p for p in documents(project(), OWNED, LEDGER) if p.endswith(".yaml") and "/" not in p]
    assert min(paths) == "00-deletions.yaml"


def test_the_environments_value_and_fleet_are_in_the_sql() -> None:
    (query, *_) = the_rule(project())["data"]
    assert query["model"]["rawSql"] == (
        "SELECT host, age FROM (SELECT 'a' AS host UNION ALL SELECT 'b' AS host) WHERE env = 'prod' AND ts < $__toTime"
    )
    (query, *_) = the_rule(project(), SHARED)["data"]
    assert query["model"]["rawSql"] == (
        "SELECT host, age FROM (SELECT 'c' AS host) WHERE env = 'dev' AND ts < cast($__timeTo() as timestamp)"
    )
    assert query["model"]["format"] == "table"


def test_labels_that_every_instance_has() -> None:
    assert the_rule(project(rule(labels={"team": "data"})))["labels"] == {
        "env": "prod", "severity": "critical", "channels": "email,telegram", "team": "data",
    }  # fmt: skip


def test_the_window_and_its_delay() -> None:
    (query, *_) = the_rule(project(rule(window="10m", delay="20s")))["data"]
    assert query["relativeTimeRange"] == {"from": 620, "to": 20}


@pytest.mark.parametrize(
    ("fields", "evaluator"),
    [
        ({"fires": "above", "threshold": 0}, {"type": "gt", "params": [0]}),
        ({"fires": "below", "threshold": 0.5}, {"type": "lt", "params": [0.5]}),
        ({"fires": "inside", "threshold": (1, 2)}, {"type": "within_range", "params": [1, 2]}),
        ({"fires": "outside", "threshold": (1, 2)}, {"type": "outside_range", "params": [1, 2]}),
    ],
)
def test_comparisons(fields: dict[str, Any], evaluator: dict[str, Any]) -> None:
    threshold = the_rule(project(rule(**fields)))["data"][-1]["model"]
    assert threshold["conditions"] == [{"evaluator": evaluator}]


def test_every_kind_of_expression() -> None:
    own = rule(
        query=(Query("SELECT 1", format="time_series"), "SELECT 2"),
        expressions=(
            Resample("A", window="1m"),
            Reduce("C", "max", nulls="replace", replace_with=0),
            Reduce("B", "sum", nulls="strict"),
            Math("$D / $E"),
            Expression({"type": "threshold", "expression": "F", "conditions": [{"evaluator": ABOVE_ONE}]}),
        ),
        threshold=None,
        title="Costs $5",
        keep_firing_for="5m",
        paused=True,
        no_data="Alerting",
        on_error="OK",
    )  # fmt: skip
    whole = project(own)
    assert list(invalid(documents(whole, OWNED).values(), whole)) == []
    found = the_rule(whole)
    assert (found["condition"], found["isPaused"], found["keepFiringFor"]) == ("G", True, "5m")
    assert (found["noDataState"], found["execErrState"]) == ("Alerting", "OK")
    models = [step["model"] for step in found["data"]]
    assert models[3]["settings"] == {"mode": "replaceNN", "replaceWithValue": 0}
    assert "settings" not in models[4]
    assert models[6]["datasource"] == {"type": "__expr__", "uid": "__expr__"}
    assert models[6]["refId"] == "G"


def test_every_receiver() -> None:
    points = (
        ContactPoint("all", (
            Slack("s1", url="${SLACK_URL}", mention_users=("U1", "U2")),
            Slack("s2", token="${SLACK_TOKEN}", recipient="#alerts", mention_channel="here"),
            Webhook("w", url="https://example.org/hook", password="${HOOK_PASSWORD}", username="me", max_alerts=5),
            PagerDuty("p", details={"firing": "{{ $x }}"}, pd_severity="critical"),
            Opsgenie("o", send_tags_as="both", auto_close=False),
            Teams("t", section_title="x", disable_resolve_message=True),
            RawReceiver("r", "line", {"token": "Bearer ${LINE_TOKEN}", "deep": {"cost": ["$5", 7, True]}}),
        )),
    )  # fmt: skip
    whole = project(rule(channels=("all",)), contact_points=points, policy=None, mute_timings=())
    files = documents(whole, SHARED)
    assert list(invalid(files.values(), whole)) == []
    receivers = {r["uid"]: r for r in parsed(files["contact-points.yaml"])["contactPoints"][0]["receivers"]}  # type: ignore[index]
    assert receivers["t-r"]["settings"] == {"token": "Bearer ${LINE_TOKEN}", "deep": {"cost": ["$$5", 7, True]}}
    assert receivers["t-w"]["settings"]["maxAlerts"] == "5"
    assert receivers["t-t"]["disableResolveMessage"] is True
    assert receivers["t-p"]["settings"]["details"] == {"firing": "{{ $$x }}"}
    listed = files["environment.example"].data.decode().splitlines()
    assert [line for line in listed if line.endswith("=")] == [
        "HOOK_PASSWORD=", "LINE_TOKEN=", "OPSGENIE_API_KEY=", "PAGERDUTY_INTEGRATION_KEY=", "QUESTDB_PASSWORD=",
        "SLACK_TOKEN=", "SLACK_URL=", "TEAMS_WEBHOOK_URL=",
    ]  # fmt: skip


def test_a_rule_with_two_channels_reaches_both() -> None:
    whole = project()
    owned, shared = the_rule(whole), the_rule(whole, SHARED)
    assert "notification_settings" not in owned
    root = tree(data(whole, OWNED, "policies.yaml"))
    labels = {**owned["labels"], "alertname": owned["title"]}
    assert [n.receiver for n in route_alert(owned, labels, root)] == ["email", "telegram"]
    assert [n.receiver for n in route_alert(owned, {**labels, "alertname": "DatasourceError"}, root)] == ["platform"]
    assert "policies.yaml" not in documents(whole, SHARED)
    (own,) = route_alert(shared, labels, None)
    points = {p["name"]: p["receivers"] for p in data(whole, SHARED, "contact-points.yaml")["contactPoints"]}
    assert [r["type"] for r in points[own.receiver]] == ["email", "telegram"]
    assert (own.group_by, own.group_wait, own.repeat_interval) == (
        ("grafana_folder", "alertname", "env", "host"), 60, 7200,
    )  # fmt: skip


def test_own_settings_are_muted_where_the_policy_mutes() -> None:
    own = the_rule(project(rule(severity="info", channels=("email",))), SHARED)["notification_settings"]
    assert own["mute_time_intervals"] == ["t-weekends"]
    # telegram is not muted, so the two together are not
    both = the_rule(project(rule(severity="info")), SHARED)["notification_settings"]
    assert "mute_time_intervals" not in both


def test_receivers_of_a_shared_contact_point_have_uids_of_their_own() -> None:
    points = data(project(), SHARED, "contact-points.yaml")["contactPoints"]
    uids = [r["uid"] for p in points for r in p["receivers"]]
    assert len(set(uids)) == len(uids) == 5


def test_groups_that_would_share_a_file() -> None:
    groups = (
        AlertGroup("Daemons", folder="Alerts", rules=(rule(),)),
        AlertGroup("daemons", folder="Other", rules=(rule(uid="b"),)),
        AlertGroup("Exchanges", folder="Alerts", rules=(rule(uid="c", title="C"),)),
    )
    names = [p for p in documents(project(alerts=groups), OWNED) if p.startswith("rules-")]
    assert names == ["rules-alerts-daemons.yaml", "rules-other-daemons.yaml", "rules-exchanges.yaml"]


def test_groups_whose_names_and_folders_read_alike_all_have_a_file() -> None:
    names = (("Alerts", "a b"), ("Alerts", "a-b"), ("alerts", "A b"), ("-", "Alerts a b"), ("Other", "a b"))
    groups = tuple(
        AlertGroup(name, folder=folder, rules=(rule(uid=f"r{i}", title=f"R{i}"),))
        for i, (folder, name) in enumerate(names)
    )
    found = documents(project(alerts=groups), OWNED)
    rendered = [yaml.safe_load(d.data)["groups"][0]["rules"][0]["uid"] for p, d in found.items() if "rules-" in p]
    assert sorted(rendered) == ["r0", "r1", "r2", "r3", "r4"]


CHARACTERS = st.one_of(st.sampled_from("${}AB_ \n'\":#-yn0e"), st.characters(codec="utf-8"))
TEXT = st.text(CHARACTERS, min_size=1)
SET = {"A": "1", "B": "2", "AB": "3"}
FEW = settings(max_examples=15, deadline=None)


@given(st.text(CHARACTERS))
def test_escape_write_read_and_expand_give_the_text_back(text: str) -> None:
    tree_ = yaml.safe_load(yaml_bytes({"interpolated": Interpolated(text), "literal": VerbatimText(text)}))
    assert expand(tree_["interpolated"], SET) == text
    assert tree_["literal"] == text


@FEW
@given(TEXT.filter(str.strip))
def test_what_grafana_reads_is_what_was_written(text: str) -> None:
    """Each kind of text, through the YAML, go-yaml's types apart, and Grafana's expansion where it has one."""
    expanded = project(
        rule(title=text[:190].strip() or "x", labels={"own": text}),
        contact_points=(
            ContactPoint("telegram", (RawReceiver("tg", "line", {"text": text.replace("${", "$ {")}),)),
            ContactPoint("email", (RawReceiver("mail", "line", {"text": "x"}),)),
        ),
        policy=None,
    )
    found = the_rule(expanded)
    assert expand(found["labels"]["own"], SET) == text
    assert expand(found["title"], SET) == (text[:190].strip() or "x")
    given_back = data(expanded, OWNED, "contact-points.yaml")["contactPoints"][0]["receivers"][0]["settings"]
    assert expand(given_back["text"], SET) == text.replace("${", "$ {")


@FEW
@given(TEXT.filter(str.strip).map(lambda text: text.replace("${", "$ {")))
def test_what_grafana_does_not_expand_is_written_as_it_is(text: str) -> None:
    kept = project(
        rule(query=f"SELECT '{text.replace(chr(39), '')}'", annotations={"own": text}),
        mute_timings=(MuteTiming("weekends", (TimeInterval(years=("2026",)),)),),
        templates=(Template("page", text),),
    )
    assert the_rule(kept)["annotations"]["own"] == text
    assert data(kept, OWNED, "templates.yaml")["templates"][0]["template"] == text


def test_yaml_that_go_yaml_reads_as_text() -> None:
    """go-yaml reads y, 1e3, 0o17 and 00:00 as other types where they are not quoted."""
    files = documents(project(rule(title="y", labels={"own": "1e3"})), OWNED, LEDGER)
    for document in files.values():
        if not document.path.endswith(".yaml"):
            continue
        for token in yaml.scan(document.data):
            if isinstance(token, yaml.ScalarToken) and token.plain:
                assert token.value.replace("_", "").isalpha() or token.value.lstrip("-").replace(".", "").isdigit()


def test_a_mistake_in_a_rule_is_told_of_the_rule() -> None:
    broken = project(rule(), rule(uid="second", title="Second", query="SELECT $__timeFiltr(ts)"))
    found = list(invalid(documents(broken, OWNED).values(), broken))
    assert [(p.path, p.message) for p in found] == [
        ("alerts › Daemons › second › A", "the questdb datasource has no macro $__timeFiltr")
    ]
    odd = project(rule(expressions=(Expression({"type": "threshold", "expression": "A"}),), threshold=None))
    (problem,) = invalid(documents(odd, OWNED).values(), odd)
    assert problem.path == "alerts › Daemons › silent › data/1/model"
    assert problem.message == "missing key 'conditions'"


def test_a_rule_that_names_no_channel_follows_the_projects_policy() -> None:
    """Where the org's policies are not dashgen's: what the project's policy reaches first, or nothing at all."""
    own = the_rule(project(rule(channels=())), SHARED)["notification_settings"]
    assert own["receiver"] == "t-email"
    without = project(rule(channels=()), policy=None, mute_timings=(), contact_points=())
    assert "notification_settings" not in the_rule(without, SHARED)


def test_a_channel_without_a_policy_is_grouped_as_the_org_does() -> None:
    of = project(rule(channels=("platform",)), policy=None, mute_timings=())
    assert the_rule(of, SHARED)["notification_settings"] == {"receiver": "t-platform"}
    of = project(rule(channels=("platform",)), policy=Policy("email"), mute_timings=())
    assert the_rule(of, SHARED)["notification_settings"] == {
        "receiver": "t-platform", "group_by": ["grafana_folder", "alertname", "env", "host"],
    }  # fmt: skip


def test_grouping_by_every_label_is_kept() -> None:
    of = project(rule(channels=("email",)), policy=Policy("email", group_by=("...",)), mute_timings=())
    assert the_rule(of, SHARED)["notification_settings"]["group_by"] == ["..."]
