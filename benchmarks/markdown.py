"""Tables of pages that programs write."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import Any


def paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> Iterator[str]:
    """`left` is how many columns hold text; the others hold figures."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join(["---"] * left + ["--:"] * (len(head) - left)) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[18] if len(values) > 1 else values[0]


def middle(values: Sequence[float], digits: int = 1) -> str:
    """`12.3 (14.0)`: median, and what 95 of 100 stay below."""
    return f"{median(values):,.{digits}f} ({p95(values):,.{digits}f})"


def machine_line(figures: Mapping[str, Any]) -> str:
    of = figures["machine"]
    return (
        f"Machine: {of['processor']}, {of['cores']} cores, {of['memory']}; {of['system']};"
        f" QuestDB {figures['questdb']}, Python {of['python']}."
    )


def load_line(loads: Sequence[float], own: float) -> str:
    """What the load average says of others on the machine. `own` is what the measurement alone makes of it; of many
    samples the median is compared with it, as threads of one measurement that begin at one moment make peaks."""
    said = f"Load average during the run: {min(loads):.1f} to {max(loads):.1f}"
    judged = max(loads)
    if len(loads) >= _MANY:
        judged = median(loads)
        said += f", median {judged:.1f}"
    return f"{said}. **The machine was busy with other work**: a quiet one is faster." if judged > own else f"{said}."


_MANY = 10
