"""Which texts read "[no value]" where an error or no data has no label and no value of the query."""

from __future__ import annotations

import pytest

from dashgen import if_labels
from dashgen.grafana.gotemplate.guards import unguarded


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("plain", ""),
        ("{{ $labels.host }} is silent", "$labels.host"),
        ("{{ .Labels.host }} is silent", "$labels.host"),
        ("{{ $labels.alertname }} in {{ $labels.grafana_folder }}", ""),
        ("{{ $values.B }}", "$values.B"),
        ("{{ $values.B.Value }} s", "$values.B"),
        ('{{ printf "%.0f" $values.B.Value }} s of {{ $labels.host }}', "$labels.host $values.B"),
        ("{{ $labels.host | toUpper }}", "$labels.host"),
        ('{{ reReplaceAll "a" "b" $labels.host }}', "$labels.host"),
        ("https://x/?host={{ urlquery $labels.host }}", "$labels.host"),
        ("{{ humanize $values.B.Value }}", "$values.B"),
        ('{{ printf "%s" $labels.host }}', "$labels.host"),
        ("{{ $value }}", ""),
        ("{{ $labels }}", ""),
        # ways to ask
        ("{{ if $labels.host }}{{ $labels.host }}{{ else }}nobody knows{{ end }}", ""),
        ("{{ if $labels.host }}{{ $labels.host }}{{ end }}", ""),
        ("{{ with $labels.host }}{{ . }}{{ end }}", ""),
        ("{{ with $labels.host }}ssh {{ . }}{{ else }}ping{{ end }}", ""),
        ("{{ if not $labels.host }}nobody knows{{ else }}{{ $labels.host }}{{ end }}", ""),
        ("{{ with $values.B }}{{ .Value }}{{ end }}", ""),
        ('{{ with $values.B }}{{ printf "%.0f" .Value }}{{ end }} s', ""),
        ("{{ if $values.B }}{{ $labels.host }}: {{ $values.B.Value }}{{ else }}?{{ end }}", ""),
        ('{{ or $labels.host "a host" }}', ""),
        ("{{ range $k, $v := $values }}{{ $k }}={{ $v.Value }}{{ end }}", ""),
        ('{{ index $labels "host" }}', ""),
        ("{{ if $labels.host }}{{ if $labels.exchange }}{{ $labels.exchange }}{{ end }}{{ end }}", ""),
        ("{{ if and $labels.host $labels.exchange }}{{ $labels.exchange }}{{ end }}", ""),
        ("{{ $host := $labels.host }}{{ if $host }}{{ $host }}{{ end }}", ""),
        # asked too little
        ("{{ if $labels.host }}{{ $labels.host }}{{ end }} of {{ $labels.exchange }}", "$labels.exchange"),
        ("{{ if $labels.host }}a{{ else }}{{ $labels.exchange }}{{ end }}", "$labels.exchange $labels.host"),
        ("{{ if true }}{{ $labels.host }}{{ end }}", "$labels.host"),
        ("{{ $host := $labels.host }}{{ $host }}", "$labels.host"),
        ("{{ with $labels.host }}{{ . }}{{ end }} {{ $labels.host }}", "$labels.host"),
        # what can't be told
        ("{{ $labels.host | stripDomain }}", ""),
        ("{{ .B.Value }}", ""),
        ("{{ $labels.host", ""),
        ("no value: {{ with $labels.host }}{{ . }}{{ end }}", ""),
    ],
)
def test_what_is_printed_without_asking(text: str, names: str) -> None:
    assert " ".join(unguarded(text)) == names


@pytest.mark.parametrize(
    ("text", "label", "guard"),
    [
        ("{{ $labels.host }} fails", "", "$labels.host"),
        ("{{ $labels.host }} of {{ $labels.exchange }}", "", "$labels.exchange"),
        ("{{ $values.B.Value }} s", "", "$values.B"),
        ("{{ $labels.alertname }}: {{ $values.B.Value }} s", "", "$values.B"),
        ("Over five minutes.", "host", "$labels.host"),
    ],
)
def test_the_text_for_alerts_and_the_one_for_errors(text: str, label: str, guard: str) -> None:
    given = if_labels(text, "Nobody knows.", label=label)
    assert given == f"{{{{ if {guard} }}}}{text}{{{{ else }}}}Nobody knows.{{{{ end }}}}"
    assert unguarded(given) == ()


def test_a_text_without_labels_needs_one_to_ask_for() -> None:
    with pytest.raises(
        ValueError, match=r"'Over five minutes\.' names no label of the query; say which one to ask for"
    ):
        if_labels("Over five minutes.", "Nobody knows.")
