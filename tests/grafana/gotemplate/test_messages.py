"""Message templates: § stands where the fault is."""

from __future__ import annotations

import pytest

from dashgen.grafana.gotemplate.messages import BUILT_IN, FUNCTIONS, NAMESPACES, defined, faults, group_faults
from dashgen.grafana.gotemplate.validation import TemplateFault

DEFAULTS = """
{{ define "title" }}[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}]
{{ .GroupLabels.SortedPairs.Values | join " " }} {{ if gt (len .CommonLabels) (len .GroupLabels) }}(
{{- with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join " " }}{{ end }}){{ end }}{{ end }}
{{ define "values" }}{{ $first := true }}{{ range $name, $value := .Values -}}
{{ if $first }}{{ $first = false }}{{ else }}, {{ end }}{{ $name }}={{ $value }}{{ else }}[no value]{{ end }}{{ end }}
"""


@pytest.mark.parametrize(
    "text",
    [
        DEFAULTS,
        '{{ define "page" }}{{ range .Alerts.Firing }}{{ .Labels.alertname | reReplaceAll "a" "b" }}{{ end }}{{ end }}',
        '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ if .X }}1{{ else if .Y }}2{{ end }}{{ end }}',
        '{{ define "a" }}{{ template "default.title" . }}{{ template "known" . }}{{ end }}',
        '{{ define "a" }}{{ coll.Dict "a" (tmpl.Exec "a" .) | data.ToJSONPretty " " }}{{ time.Now }}{{ end }}',
        '{{ define "a" }}{{ .StartsAt | tz "Europe/Berlin" | date "15:04" }}{{ end }}',
        '{{ define "a" -}} {{ range .Alerts }}{{ if .X }}{{ continue }}{{ end }}{{ break }}{{ end }} {{- end }}',
        '{{ define "a" }}{{ block "b" . }}b{{ end }}{{ template "b" . }}{{ end }}',
        "{{ define `a` }}{{ end }}",
        "no action }}",
        '{{ define "own" }}{{ .Status }}{{ end }}{{ template "own" . }}',
        "{{ len .Alerts }} alerts",
    ],
)
def test_messages_that_load(text: str) -> None:
    assert list(group_faults(text, {"known", *defined("group", text)})) == []


@pytest.mark.parametrize(
    ("text", "fault", "hint"),
    [
        ('{{ §define "page" }}x', "unexpected EOF", ""),
        ("{{ §define page }}x{{ end }}", "define needs a name in quotes", ""),
        ('{{ define "page" }}{{ end }}{{ §end }}', "unexpected {{end}}", ""),
        ("{{ §range .Alerts }}", "unexpected EOF", ""),
        ('{{ define "x" }}{{ if .A }}\n{{ end }}\n§{{ .A }', "unclosed action", ""),
        ('{{ define "x" }}{{ §toUper .A }}{{ end }}', 'function "toUper" not defined', "did you mean 'toUpper'?"),
        ('{{ define "x" }}{{ §humanize .A }}{{ end }}', 'function "humanize" not defined',
         "did you mean 'humanizeDuration'?"),
        ('{{ define "x" }}{{ template §"defalt.title" . }}{{ end }}', 'template "defalt.title" not defined',
         "did you mean 'default.title'?"),
        ('{{ define "x" }}{{ tmpl.Exec §"y" . }}{{ end }}', 'template "y" not defined', ""),
        ('{{ define "x" }}{{ §coll.Map "a" 1 }}{{ end }}', "can't evaluate field Map of coll",
         "it has Append, Dict, Slice"),
        ('{{ $a := 1 }}{{ define "x" }}{{ §$a }}{{ end }}', "undefined variable '$a'", ""),
        ('{{ define "x" }}{{ §$labels.host }}{{ end }}', "undefined variable '$labels'", ""),
        ('{{ define "x" }}1{{ end }}{{ define §"x" }}2{{ end }}', 'multiple definition of template "x"',
         "Grafana would not start"),
        ('{{ define "x" }}{{ §define "y" }}2{{ end }}{{ end }}', "unexpected {{define}}", ""),
        ('§{{- define "x" -}}1{{- end -}}', "Grafana finds no {{ define: a '{{-' hides it, and it would not start",
         "write {{ define without the trim marker"),
    ],
)  # fmt: skip
def test_messages_that_do_not(text: str, fault: str, hint: str) -> None:
    written = text.replace("§", "")
    assert list(group_faults(written, defined("group", written))) == [TemplateFault(fault, text.index("§"), hint)]


def test_what_a_group_defines() -> None:
    text = '{{ define "a" }}{{ block "b" . }}{{ end }}{{ end }}'
    assert defined("group", text) == {"a": text.index('"a"'), "b": text.index('"b"')}
    assert defined("group", "{{ len .Alerts }}") == {"group": 0}  # Grafana puts a define around it
    assert defined("group", "{{ define ") == {}


def test_a_receivers_text_is_one_too() -> None:
    assert list(faults('{{ template "page" . }}', {"page"})) == []
    assert list(faults('{{ template "pge" . }}', {"page"})) == [
        TemplateFault('template "pge" not defined', 12, "did you mean 'page'?")
    ]


def test_the_lists_are_disjoint_from_what_they_are_not() -> None:
    assert NAMESPACES.keys() <= FUNCTIONS
    assert {"default.title", "default.message", "slack.default.title", "__subject"} <= BUILT_IN
    assert not BUILT_IN & FUNCTIONS
