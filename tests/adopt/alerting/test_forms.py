"""The forms of alerting documents, and what is said of those that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashgen.adopt.alerting import forms
from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.texts import expanded
from dashgen.adopt.files import content
from dashgen.adopt.sources import read as read_files
from tests.adopt.alerting.documents import read

DATA = [
    {"refId": "A", "datasourceUid": "questdb", "relativeTimeRange": {"from": 300, "to": 0},
     "model": {"rawSql": "SELECT 1 AS x", "format": 1, "datasource": {"type": "questdb-questdb-datasource"}}},
    {"refId": "B", "datasourceUid": "__expr__", "model": {"type": "reduce", "expression": "A", "reducer": "last"}},
]  # fmt: skip
RULE = {"uid": "r", "title": "R", "condition": "B", "data": DATA, "labels": {"cost": "5 $"}, "for": "1m"}
ROUTE = {"receiver": "ops", "object_matchers": [["a", "=", "b"]]}
POINT = {"uid": "p", "type": "email", "settings": {"addresses": "a@example.com"}}
TIMES = [{"times": [{"start_time": "09:00", "end_time": "17:30"}], "months": [1], "weekdays": ["Monday:friday"]}]
WHOLE: dict[str, dict[str, Any]] = {
    "file": {
        "apiVersion": 1,
        "groups": [{"name": "g", "folder": "F", "interval": "1m", "rules": [RULE | {"labels": {"cost": "5 $$"}}]}],
        "contactPoints": [{"name": "ops", "receivers": [POINT]}],
        "policies": [{"receiver": "ops", "routes": [ROUTE]}],
        "muteTimes": [{"name": "m", "time_intervals": TIMES}],
        "templates": [{"name": "t", "template": "{{ define \"t\" }}{{ end }}"}],
    },
    "Alertmanager": {
        "template_files": {"t": "{{ define \"t\" }}{{ end }}"},
        "alertmanager_config": {
            "route": {"receiver": "ops", "routes": [ROUTE]},
            "receivers": [{"name": "ops", "grafana_managed_receiver_configs": [{"name": "ops", **POINT}]}],
            "time_intervals": [{"name": "m", "time_intervals": TIMES}],
        },
    },
}  # fmt: skip
GROUP = "notifications.alerting.grafana.app/v0alpha1"
RESOURCES = [
    {"kind": "Receiver", "spec": {"title": "ops", "integrations": [{**POINT, "version": "v1"}]}},
    {"kind": "RoutingTree", "spec": {
        "defaults": {"receiver": "ops"},
        "routes": [{"receiver": "ops", "continue": False, "matchers": [{"type": "=", "label": "a", "value": "b"}]}]}},
    {"kind": "TimeInterval", "spec": {"name": "m", "time_intervals": TIMES}},
    {"kind": "TemplateGroup", "spec": {"title": "t", "content": "{{ define \"t\" }}{{ end }}", "kind": "grafana"}},
]  # fmt: skip
NOTIFICATIONS = ("contact_points", "policy", "mute_timings", "templates")


def test_notifications_are_the_same_in_every_form() -> None:
    wanted = read(WHOLE["file"])
    found = read(WHOLE["Alertmanager"])
    resources = read([{"apiVersion": GROUP, "metadata": {"name": "x"}, **one} for one in RESOURCES])
    for name in NOTIFICATIONS:
        assert getattr(found, name) == getattr(wanted, name), name
        assert getattr(resources, name)[0:] if name != "policy" else resources.policy
        assert getattr(resources, name) == getattr(wanted, name) or name == "contact_points", name
    listed = {"apiVersion": GROUP, "kind": "TimeIntervalList", "items": [{"apiVersion": GROUP, **RESOURCES[2]}]}
    assert read(listed).mute_timings == wanted.mute_timings


@pytest.mark.parametrize(
    "data",
    [
        [RULE | {"ruleGroup": "g", "folderUID": "F", "provenance": "api", "updated": "2026-01-01T00:00:00Z"}],
        RULE | {"ruleGroup": "g", "folderUID": "F"},
        {"title": "g", "folderUid": "F", "interval": 60, "rules": [RULE]},
        {"F": [{"name": "g", "interval": "1m", "rules": [
            {"expr": "", "for": "1m", "labels": {"cost": "5 $"},
             "grafana_alert": {"uid": "r", "title": "R", "condition": "B", "data": DATA, "namespace_uid": "u"}}]}]},
    ],
    ids=["list", "rule", "group", "ruler"],
)  # fmt: skip
def test_rules_are_the_same_in_every_form(data: object) -> None:
    (group,) = read(data).groups
    (wanted,) = read(WHOLE["file"]).groups
    assert group == wanted
    assert group["rules"][0]["labels"] == {"cost": "5 $$"}


@pytest.mark.parametrize(
    "route",
    [
        {"object_matchers": [["a", "=", "b"], ["c", "!~", "d|e"]]},
        {"matchers": ['a="b"', "c!~d|e"]},
        {"matchers": ['{a="b", c !~ "d|e"}']},
        {"matchers": '"a" = b, "c" !~ "d|e"'},
        {"matchers": [{"label": "a", "type": "=", "value": "b"}, {"label": "c", "type": "!~", "value": "d|e"}]},
        {"match": {"a": "b"}, "matchers": ["c!~d|e"]},
    ],
    ids=["objects", "texts", "braces", "one text", "resources", "old"],
)
def test_matchers_are_the_same_in_every_spelling(route: dict[str, object]) -> None:
    found = read({"receiver": "x", "routes": [{"receiver": "y", **route}]}).policy
    assert found is not None
    assert sorted(found["routes"][0]["object_matchers"]) == [["a", "=", "b"], ["c", "!~", "d|e"]]


def test_escapes_of_matchers() -> None:
    found = read({"receiver": "x", "routes": [{"matchers": [r'a="x,\"}{=\\"'], "match_re": {"b": "c,d"}}]}).policy
    assert found is not None
    assert found["routes"][0]["object_matchers"] == [["a", "=", 'x,"}{=\\'], ["b", "=~", "c,d"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a$$b", "a$$b"),
        ("${TOKEN}", "${TOKEN}"),
        ("$TOKEN and $__env{OTHER}", "${TOKEN} and ${OTHER}"),
        ("{{ $labels.host }}", "{{ $$labels.host }}"),
        ("{{ $$labels.host }} 5$", "{{ $$labels.host }} 5$$"),
    ],
)
def test_texts_of_files(text: str, said: str) -> None:
    assert expanded(text) == said


def test_yaml_is_read_as_grafana_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "apiVersion: 1\nmuteTimes:\n  - name: m\n    time_intervals:\n      - times:\n"
        "          - start_time: 9:00\n            end_time: 17:30\n"
        "        years: [2026:2027]\n        months: [1, y]\n"
    )
    (timing,) = read(content(path)).mute_timings
    assert timing["time_intervals"] == [
        {"times": [{"start_time": "9:00", "end_time": "17:30"}], "years": ["2026:2027"], "months": ["1", "y"]}
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"groups": [{"name": "g", "rules": [{"alert": "a", "expr": "up == 0"}]}]}, "groups[0]: is a rule file"),
        ({"apiVersion": 1, "groups": [{"name": "g", "rules": [{"title": "x", "data": []}]}]}, "a rule has no uid"),
        ({"apiVersion": 1, "groups": [{"name": "g", "rules": [{**RULE, "data": 3}]}]}, "rules[0]: data is no list"),
        ({"apiVersion": 1, "groups": [{"name": "g", "rules": [{**RULE, "for": "soon"}]}]}, "rules[0]: for: expected"),
        ({"apiVersion": 1, "groups": {"name": "g"}}, "groups: is no list of mappings"),
        ({"apiVersion": 1, "policies": [{"receiver": "x"}, {"receiver": "y"}]}, "policies[1]: a second tree"),
        ({"receiver": "x", "routes": [{"matchers": ["a b"]}]}, "policies.routes[0]: the matcher 'a b' can't be read"),
        ({"apiVersion": 1, "muteTimes": [{"name": "m", "time_intervals": [{"day": 1}]}]}, "day is nothing"),
        ({"apiVersion": 1, "contactPoints": [{"name": "c", "receivers": [{"type": "slack"}]}]}, "no settings"),
        ({"apiVersion": GROUP, "kind": "Silence", "spec": {}}, "a Silence is not read"),
        ({"name": "x"}, "holds nothing of alerting"),
        ({"alertmanager_config": {"receivers": 3}}, "receivers: is no list"),
        ({"alertmanager_config": {}, "template_files": "x"}, "template_files: is no mapping"),
        ({"apiVersion": GROUP, "kind": "RoutingTree", "spec": {"defaults": 3}}, "defaults: is no mapping"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(data: object, said: str) -> None:
    with pytest.raises(AlertingError) as raised:
        read(data)
    assert said in f"{raised.value.path}: {raised.value.message}"


def test_entries_of_other_orgs_are_noted() -> None:
    found = read({"apiVersion": 1, "deleteRules": [{"uid": "a"}, {"uid": "b", "orgId": 2}], "resetPolicies": [1]})
    assert found.deleted == ["rule a"]
    assert found.notes[0] == "deleteRules: 1 entry of other orgs than 1 left out"


def test_hcl_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rules.tf"
    path.write_text('resource "grafana_rule_group" "x" {\n}\n')
    (fault,) = read_files([path]).unreadable
    assert (fault.path, fault.hint) == (str(path), "export it from Grafana as YAML or JSON")
    assert fault.message == "is Terraform's HCL, which is not read"


def test_form_of_dashboards_is_none() -> None:
    board = {"title": "T", "panels": [], "templating": {"list": []}}
    assert [forms.form_of(one) for one in (board, [board], {"dashboard": board}, [], {}, None, "x", 3)] == [""] * 8
