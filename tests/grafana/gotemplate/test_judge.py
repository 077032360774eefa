"""Templates judged before they run."""

from __future__ import annotations

import pytest

from dashgen.grafana.gotemplate.validation import TemplateFault, faults, labels


@pytest.mark.parametrize(
    "text",
    [
        "plain {text}",
        "{{ $labels.host }} is at {{ humanize $values.B.Value }}",
        "{{ if gt $values.B.Value 5.0 }}high{{ else }}low{{ end }}",
        "{{ with $labels.host }}&var-host={{ urlquery . }}{{ end }}",
        "{{ range $name, $v := $values }}{{ $name }}={{ $v.Value }}{{ end }}",
        '{{ $x := index $labels "host" }}{{ $x | toUpper }}',
        '{{ reReplaceAll "/$" "" externalURL }}/d/health',
        '{{ (filterLabels $labels "host").host }}',
        "{{ .Labels.host }} {{ .Value }} {{- /* said */ -}}",
        "{{ $.Labels.host }}",
    ],
)
def test_what_grafana_expands(text: str) -> None:
    assert faults(text) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("§{{ $labels.host", "unclosed action"),
        ("$labels.host §}}", "has '}}' and no '{{'"),
        ("{{ §$label.host }}", "undefined variable '$label'"),
        ("{{ §nope $labels.host }}", 'function "nope" not defined'),
        ("{{ §if $labels.host }}x", "unexpected EOF"),
        ("{{ §end }}", "unexpected {{end}}"),
        ("{{ §}}", "missing value for command"),
        ("{{ §.labels.host }}", "can't evaluate field labels"),
        ("{{ §host }}", 'function "host" not defined'),
        ('{{ template §"x" . }}', "template is for message templates"),
        ("{{ if true }}{{ $x := 1 }}{{ end }}{{ §$x }}", "undefined variable '$x'"),
        ("{{ $labels.host |§ }}", "missing value for command"),
        ("{{ §break }}", "{{break}} outside {{range}}"),
        ("{{ range $values }}{{ end }}{{ if true }}{{ §continue }}{{ end }}", "{{continue}} outside {{range}}"),
        ("{{ if true }}{{ §else nope }}{{ end }}", "unexpected 'n' in {{else}}"),
        ("{{ §$x = 1 }}", "undefined variable '$x'"),
    ],
)
def test_what_it_would_show_as_it_is_written(text: str, fault: str) -> None:
    """§ stands where the fault is."""
    assert faults(text.replace("§", "")) == (TemplateFault(fault, text.index("§")),)


def test_the_labels_that_are_named() -> None:
    text = (
        '{{ $labels.a }}{{ if eq .Labels.b "x" }}{{ $.Labels.c }}{{ end }}{{ index $labels "d" | toUpper }}'
        "{{ with $labels.e }}{{ .Labels.no }}{{ end }}{{ (urlquery $labels.f) }}{{ $values.B.Labels.no }}"
    )
    assert labels(text) == set("abcdef")
    assert labels("{{ broken") == labels("plain") == frozenset()
