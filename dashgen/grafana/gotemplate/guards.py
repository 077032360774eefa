"""Texts of alert rules without the query's labels and values, which errors and no data don't have."""

from __future__ import annotations

import re

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.functions import LabelMap
from dashgen.grafana.gotemplate.language import Record, expand
from dashgen.grafana.gotemplate.validation import labels, values

RESERVED = ("alertname", "grafana_folder")
"""Labels that every instance has in `$labels` (and the internal ones, which nobody prints)."""
_NO_VALUE = re.compile(r"no(?: |\+|%20)value")
"""As it is printed, and as `urlquery` writes it."""


def if_labels(text: str, otherwise: str, *, label: str = "") -> str:
    """A Go template that gives `text` for an alert, and `otherwise` if the query fails or returns no rows. Those alert
    instances have no labels and values of the query: `text` would read "[no value] is silent".

        summary=if_labels("{{ $labels.host }} is silent", "Nobody knows which hosts are silent")

    The template tests for a label that `text` uses, or for a value. Raises ValueError if `text` uses neither and
    `label` is not given.

    Args:
        text: The Go template for alert instances that the query returned.
        otherwise: The Go template for errors and for no data, without labels of the query.
        label: Name of the label to test for: `label="host"`. Empty: a label that `text` uses, else a value.
    """
    named = sorted({label} if label else labels(text) - {*RESERVED})
    asked = f"$labels.{named[0]}" if named else next((f"$values.{name}" for name in sorted(values(text))), "")
    if not asked:
        raise ValueError(f"if_labels: {text!r} names no label of the query; say which one to ask for: label='host'")
    return f"{{{{ if {asked} }}}}{text}{{{{ else }}}}{otherwise}{{{{ end }}}}"


def unguarded(text: str) -> tuple[str, ...]:
    """What of `$labels.host` and `$values.B` a text prints, or fails on, without asking whether it is there. The text
    is run without them, so any way to ask is one. Empty for a text that can't be run."""
    if "{{" not in text:
        return ()
    named = [f"$labels.{name}" for name in sorted(labels(text) - {*RESERVED})]
    named += [f"$values.{name}" for name in sorted(values(text))]
    whole = _run(text, frozenset(named))
    if not named or whole is None or not _spoilt(_run(text, frozenset()), whole):
        return ()
    alone = [one for one in named if _spoilt(_run(text, frozenset(named) - {one}), whole)]
    return tuple(alone or named)


def _spoilt(text: str | None, whole: str) -> bool:
    return text is None or len(_NO_VALUE.findall(text)) > len(_NO_VALUE.findall(whole))


def _run(text: str, given: frozenset[str]) -> str | None:
    """With these labels and values; None where it fails, and is shown as it is written."""
    known = LabelMap(dict.fromkeys(RESERVED, "x"))
    known |= {name.partition(".")[2]: "x" for name in given if name.startswith("$labels")}
    numbers = {
        name.partition(".")[2]: Record({"Labels": known, "Value": 1.0}, "1")
        for name in given
        if name.startswith("$values")
    }
    data = Record({"Labels": known, "Values": numbers, "Value": ""})
    try:
        return expand(text, data, {"$labels": known, "$values": numbers, "$value": ""})
    except TemplateError:
        return None
