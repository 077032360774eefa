import math
from typing import Any

import pytest

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.functions import LabelMap, go_float
from dashgen.grafana.gotemplate.language import Record, expand
from dashgen.grafana.gotemplate.syntax import parse

LABELS = LabelMap({"host": "a", "env": "prod"})
VALUES = {
    "B": Record({"Labels": LABELS, "Value": 12.0}, "12"),
    "C": Record({"Labels": LABELS, "Value": 0.5}, "0.5"),
}
DATA = Record({"Labels": LABELS, "Values": VALUES, "Value": "[ var='B' value=12 ]"})
KNOWN: dict[str, Any] = {"$labels": LABELS, "$values": VALUES, "$value": "[ var='B' value=12 ]"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ $labels.host }} in {{ .Labels.env }}", "a in prod"),
        ("{{ $labels }}", "env=prod, host=a"),
        ("{{ $values.B.Value }}/{{ $values.B }}/{{ $values.C.Value }}", "12/12/0.5"),
        ("{{ $value }}", "[ var='B' value=12 ]"),
        ("{{ $labels.nope }}", "[no value]"),
        ("{{ $values.Z.Value }}", "[no value]"),
        ("{{ if gt $values.B.Value 10.0 }}high{{ else }}low{{ end }}", "high"),
        ("{{ if lt $values.B.Value 10.0 }}a{{ else if eq $labels.host `a` }}b{{ else }}c{{ end }}", "b"),
        ("{{ range $k, $v := $values }}{{ $k }}={{ $v.Value }} {{ end }}", "B=12 C=0.5 "),
        ("{{ range $k, $v := $values }}{{ $k }}{{ if $v }}{{ break }}{{ end }}!{{ end }}", "B"),
        ("{{ range $k, $v := $values }}{{ $k }}{{ if $v }}{{ continue }}{{ end }}!{{ end }}.", "BC."),
        ("{{ printf `%d` 0x1F }} {{ printf `%d` 'a' }}", "31 97"),
        ("{{ range $v := .Values }}{{ $v }};{{ end }}", "12;0.5;"),
        ("{{ with $labels.host }}<{{ . }}>{{ end }}{{ with $labels.nope }}x{{ else }}-{{ end }}", "<a>-"),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", "2"),
        ("a {{- /* gone */ -}} b", "ab"),
        ('{{ $labels.host | toUpper | printf "%s-%5.2f" }}', "A-%!f(MISSING)"),
        ('{{ printf "%.1f %d %s %v %%" $values.B.Value 3 $labels.host true }}', "12.0 3 a true %"),
        ("{{ humanize 12345.0 }} {{ humanize1024 2048.0 }} {{ humanizePercentage 0.1234 }}", "12.35k 2ki 12.34%"),
        ("{{ humanizeDuration 93784.0 }} {{ humanizeDuration 0.005 }}", "1d 2h 3m 4s 5ms"),
        ("{{ humanizeDuration $values.B.Value }}", "12s"),
        ("{{ if and $labels.host (not $labels.nope) }}yes{{ end }}", "yes"),
        ('{{ index $labels "env" }} {{ len $labels }}', "prod 2"),
        ('{{ reReplaceAll "(a)" "<$1>" $labels.host }}{{ match "^p" $labels.env }}', "<a>true"),
    ],
)
def test_what_grafana_prints(text: str, expected: str) -> None:
    assert expand(text, DATA, KNOWN) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ .B.Value }}", "can't evaluate field B"),
        ("{{ if gt $values.B.Value 10 }}{{ end }}", "incompatible types"),
        ("{{ if gt $values.Z.Value 10.0 }}{{ end }}", "invalid type for comparison"),
        ("{{ $x }}", "undefined variable: $x"),
        ("{{ nope 1 }}", 'function "nope" not defined'),
        ("{{ if true }}", "unexpected EOF"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ }}", "missing value"),
        ("{{ $labels.host", "unclosed action"),
    ],
)
def test_what_go_refuses_is_refused(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        expand(text, DATA, KNOWN)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12.0, "12"), (0.3333333333333333, "0.3333333333333333"), (1e6, "1e+06"), (1e21, "1e+21"),
        (123456.75, "123456.75"),
        (1.5e-5, "1.5e-05"), (0.0001, "0.0001"), (-0.0, "-0"), (123456789.5, "1.234567895e+08"),
        (math.inf, "+Inf"), (math.nan, "NaN"), (100.0, "100"),
    ],
)  # fmt: skip
def test_floats_print_as_go_prints_them(number: float, text: str) -> None:
    assert go_float(number) == text


def test_parsing_is_done_once() -> None:
    assert parse("{{ $labels.host }}") is parse("{{ $labels.host }}")
