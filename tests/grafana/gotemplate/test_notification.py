"""Message templates run over alerts, as Grafana's receivers do it."""

from __future__ import annotations

import pytest

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.notification import Alert, message

ALERTS = (
    Alert({"alertname": "Silent", "host": "a", "env": "prod"}, {"summary": "a is silent"}),
    Alert({"alertname": "Silent", "host": "b", "env": "prod"}, {"summary": "b is silent"}, firing=False),
)
GROUP = """{{ define "all" }}{{ range .Alerts }}{{ template "one" . }}{{ end }}{{ end }}
{{ define "one" }}[{{ .Status }} {{ .Labels.host }}]{{ end }}"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .Status }} {{ len .Alerts }}", "firing 2"),
        ("{{ len .Alerts.Firing }}/{{ len .Alerts.Resolved }}", "1/1"),
        ('{{ template "all" . }}', "[firing a][resolved b]"),
        ("{{ range .Alerts.Firing }}{{ .Annotations.summary }}{{ end }}", "a is silent"),
        ("{{ .CommonLabels.env }}{{ .CommonLabels.host }}", "prod"),
        ("{{ range .Alerts }}<{{ .Labels.nope }}>{{ end }}", "<><>"),
        ("{{ range .Alerts }}{{ or .Labels.rulename .Labels.alertname }} {{ end }}", "Silent Silent "),
        ('{{ block "mine" .Alerts }}{{ len . }}{{ end }}', "2"),
        ('{{ block "one" (index .Alerts 0) }}never{{ end }}', "[firing a]"),
        ('{{ template "body" . }}', "the body of firing"),
        ('{{ define "own" }}{{ .Status }}{{ end }}{{ template "own" . }}', "firing"),
        ('{{ $x := "seen" }}{{ template "blind" . }}{{ $x }}', "-seen"),
        ("{{ range $i, $a := .Alerts }}{{ if lt $i 1 }}{{ $a.Labels.host }}{{ end }}{{ end }}", "a"),
    ],
)
def test_what_a_message_says(text: str, expected: str) -> None:
    groups = {"pages": GROUP, "body": "the body of {{ .Status }}", "other": '{{ define "blind" }}-{{ end }}'}
    assert message(text, groups, ALERTS) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{{ template "nobody" . }}', 'template "nobody" not defined'),
        ('{{ template "reads" . }}', "undefined variable"),
        ("{{ .Nope }}", "can't evaluate field Nope"),
        ("{{ urlquery2 . }}", 'function "urlquery2" not defined'),
    ],
)
def test_what_fails_when_it_is_sent(text: str, said: str) -> None:
    groups = {"g": '{{ define "reads" }}{{ $x }}{{ end }}'}
    with pytest.raises(TemplateError, match=said):
        message("{{ $x := 1 }}" + text, groups, ALERTS)


def test_without_alerts_that_fire_it_is_resolved() -> None:
    assert message("{{ .Status }}", {}, ALERTS[1:]) == "resolved"
