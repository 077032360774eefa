"""The values that a variable of the kind custom or interval lists in its text.

Sources, Grafana 12.3: grafana/scenes variables/variants/{CustomVariable,IntervalVariable}.
"""

from __future__ import annotations

import re

from dashgen.grafana.datasources.intervals import Interval, TimeRange, browser_interval
from dashgen.grafana.datasources.options import Option

AUTO = ("$__auto", "$__auto_interval")
"""What the value of an interval begins with that follows the range."""
_CUSTOM = re.compile(r"(?:\\,|[^,])+")
_LABELLED = re.compile(r"\s*(.+)\s:\s(.+)", re.DOTALL)
_INTERVAL = re.compile(r"""(["'])(?P<quoted>.*?)\1|(?P<plain>\w+)""")


def custom(text: str) -> tuple[Option, ...]:
    """`a,b`, `label : value`; `\\,` is a comma in a value."""
    found = []
    for part in _CUSTOM.findall(text):
        one = part.replace("\\,", ",")
        labelled = _LABELLED.fullmatch(one)
        value = (labelled[2] if labelled else one).strip()
        found.append(Option(value, labelled[1].strip() if labelled else value))
    return tuple(found)


def widths(text: str) -> tuple[str, ...]:
    """Of an interval: `1m,10m,"1 h"`."""
    found = (match["quoted"] or match["plain"] for match in _INTERVAL.finditer(text))
    return tuple(value for value in found if value != "auto")


def automatic(time_range: TimeRange, least: str, buckets: int) -> Interval:
    """What an interval that follows the range is over a range."""
    return browser_interval(time_range, buckets, least)
