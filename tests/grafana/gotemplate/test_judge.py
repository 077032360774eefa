"""Templates judged before they run."""

from __future__ import annotations

import pytest

from dashgen.grafana.gotemplate.validation import TemplateFault, failure, faults, labels, not_run


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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ humanize $values.B.Value }} {{ $labels.host }} {{ toUpper $labels.none }}", ""),
        ("{{ humanize $values.B }}", "error calling humanize: can't convert 1 to float"),
        ("{{ $values.B.value }}", "can't evaluate field value in type struct"),
        ("{{ $labels.a.b }}", "can't evaluate field b in type string"),
        ("{{ range $labels }}{{ .Value }}{{ end }}", "can't evaluate field Value in type string"),
        ("{{ len $values.B }} {{ len $labels.a }}", "error calling len: len of type struct"),
        ("{{ index $labels 3 }}", "error calling index: value has type int; should be string"),
        ('{{ index $labels.a "b" }}', "error calling index: value has type string; should be int"),
        ("{{ index $values.B.Value 0 }}", "error calling index: can't index item of type float64"),
        ("{{ index $labels.a 7 }}", "error calling index: index out of range: 7"),
        ("{{ toUpper }}", "error calling toUpper: wrong number or types of arguments: none"),
        ('{{ graphLink "x" }} {{ tableLink "x" }}', ""),
        ("{{ if gt $values.B.Value 5 }}x{{ end }}", "error calling gt: incompatible types for comparison"),
        ("{{ toUpper $values.B.Value }}", "error calling toUpper: wrong number or types of arguments: float64"),
        ('{{ match "(" "x" }}', "error calling match: missing ), unterminated subpattern at position 0"),
        ("{{ filterLabels $labels 1 2 3 }}", ""),
    ],
)
def test_what_fails_when_it_runs(text: str, reason: str) -> None:
    assert failure(text, ("A", "B"), number=True).startswith(reason)
    assert bool(failure(text, ("A", "B"), number=True)) is bool(reason)


def test_the_value_is_a_number_only_since_12() -> None:
    assert failure("{{ humanize $value }}", ("A",), number=True) == ""
    assert failure("{{ humanize $value }}", ("A",), number=False).startswith("error calling humanize")


def test_functions_that_are_not_run_are_named() -> None:
    assert not_run('{{ (filterLabels $labels "host").host }}{{ humanize 1.0 }}') == ("filterLabels",)
    assert not_run("plain") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ if true }}" * 2000 + "x" + "{{ end }}" * 2000, "expected at most 100 levels of blocks or parentheses"),
        ("{{ if true }}" + "{{ else if true }}" * 3000 + "{{ end }}", "expected at most 100 levels"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "expected at most 100 levels"),
        ("{{ " + "1" * 5000 + " }}", "bad number syntax: '11111111111111111111'"),
    ],
)
def test_a_template_without_end_is_one_fault(text: str, message: str) -> None:
    (fault,) = faults(text)
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "{{ range 1000000000 }}x{{ end }}",
        "{{ range 10000 }}{{ range 10000 }}x{{ end }}{{ end }}",
        '{{ range 1000 }}{{ printf "%9999d" 3 }}{{ end }}',
        '{{ printf "%999999999d" 3 }}',
        '{{ match "(a+)+$" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" }}',
        '{{ reReplaceAll "(a|aa)+$" "" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" }}',
    ],
)
def test_what_would_run_without_end_is_given_up(text: str) -> None:
    assert failure(text, ("A", "B"), number=True) == ""
