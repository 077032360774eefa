"""The fields of a notification: § stands where the fault is."""
# ruff: noqa: E501  # a case reads best on its line

from __future__ import annotations

import pytest

from dashgen.grafana.gotemplate.notification_data import field_faults


def said(text: str, **groups: str) -> list[tuple[object, int, str, str]]:
    return [(owner, fault.at, fault.message, fault.hint) for owner, fault in field_faults([("title", text)], groups)]


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Status }} {{ .CommonAnnotations.summary }} {{ .GroupLabels.alertname }} {{ .ExternalURL }}",
        "{{ len .Alerts.Firing }} {{ range .Alerts.Resolved }}{{ .Labels.host }}{{ .Values.B }}{{ end }}",
        "{{ range .Alerts }}{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }}{{ end }}{{ end }}",
        "{{ range .Alerts }}{{ range $n, $v := .Labels }}{{ $n }}={{ $v }} {{ $.Status }}{{ end }}{{ end }}",
        '{{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join " " }}{{ end }}',
        '{{ with (index .Alerts 0) }}{{ .StartsAt.Format "15:04" }} {{ .EndsAt.Unix }}{{ end }}',
        "{{ $first := true }}{{ range .Alerts }}{{ if $first }}{{ $first = false }}{{ .Fingerprint }}{{ end }}{{ end }}",
        "{{ range $i, $alert := .Alerts }}{{ $alert.PanelURL }}{{ end }}",
        '{{ (coll.Dict "a" 1).a }}',
    ],
)
def test_fields_that_are_there(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ §.Annotations.summary }}", "can't evaluate field Annotations: the notification has none of that name",
         "an alert has it: {{ range .Alerts }}{{ .Annotations }}{{ end }}, or .CommonAnnotations, what all alerts share"),
        ("{{ §.alerts }}", "can't evaluate field alerts: the notification has none of that name",
         "did you mean .Alerts? names differ by case"),
        ("{{ range .Alerts }}{{ §.Value }}{{ end }}", "can't evaluate field Value: an alert has none of that name",
         "did you mean .Values?"),
        ("{{ range .Alerts }}{{ §.CommonLabels }}{{ end }}",
         "can't evaluate field CommonLabels: an alert has none of that name", "the notification has it: $.CommonLabels"),
        ("{{ range .Alerts }}{{ range .Labels }}{{ §.Name }}={{ .Value }}{{ end }}{{ end }}",
         "can't evaluate field Name: a text, a label's value has none of that name",
         "range over .SortedPairs for .Name and .Value; {{ range $name, $value := .Labels }} has both too"),
        ("{{ §.Alerts.Labels }}", "can't evaluate field Labels: the list of alerts has none of that name",
         "an alert has it: {{ range … }}{{ .Labels }}{{ end }}"),
        ("{{ with .Status }}{{ §.Firing }}{{ end }}", "can't evaluate field Firing: a text has none of that name", ""),
        ("{{ $a := index .Alerts 0 }}{{ §$a.Severity }}", "can't evaluate field Severity: an alert has none of that name",
         "it has .Annotations, .DashboardURL, .EmbeddedImage, .EndsAt, .ExtraData, .Fingerprint, .GeneratorURL, .ImageURL,"
         " .Labels, .OrgID, .PanelURL, .RuleUID, .SilenceURL, .StartsAt, .Status, .ValueString, .Values"),
        ("{{ range §.Status }}x{{ end }}", "range can't iterate over a text", ""),
        ("{{ if true }}{{ else }}{{ range .Alerts.Firing }}{{ else }}{{ §.Startsat }}{{ end }}{{ end }}",
         "can't evaluate field Startsat: the notification has none of that name", "did you mean .Status?"),
    ],
)  # fmt: skip
def test_fields_that_are_not(text: str, message: str, hint: str) -> None:
    assert said(text.replace("§", "")) == [("title", text.index("§"), message, hint)]


def test_a_template_is_judged_with_what_it_is_called_with() -> None:
    page = '{{ define "one" }}{{ .Labels.host }}{{ end }}'
    assert said('{{ range .Alerts }}{{ template "one" . }}{{ end }}', page=page) == []
    assert [(owner, at) for owner, at, *_ in said('{{ template "one" . }}', page=page)] == [("page", page.index(".L"))]


def test_a_template_that_nothing_calls_fits_something_that_it_could_be_called_with() -> None:
    assert said("", page='{{ define "one" }}{{ .Labels.host }}{{ end }}') == []
    assert [owner for owner, *_ in said("", page='{{ define "one" }}{{ .NotAField }}{{ end }}')] == ["page"]


def test_a_template_that_calls_itself_ends() -> None:
    assert said('{{ template "a" . }}', page='{{ define "a" }}{{ .Status }}{{ template "a" . }}{{ end }}') == []
