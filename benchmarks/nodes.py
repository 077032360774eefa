"""What the model's own constructor costs, against attrs: `python -m benchmarks.nodes`.

Start: the import of attrs, and of a panel's class as a node. Construction: 1,000 panels with five fields each. The
attrs class has the same fields with the same checks, which like a node's are passed over for defaults. Least of seven
runs.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import attrs

from dashgen import TimeSeries
from dashgen.model.core.fields import FIELDS, MISSING, Check, fields

RUNS = 7
COUNT = 1000
GIVEN: dict[str, Any] = {
    "title": "Fetches",
    "query": "SELECT timestamp AS time, v FROM t",
    "description": "How much is fetched.",
    "unit": "ms",
    "width": 12,
}


def least(work: Callable[[], object]) -> float:
    """In milliseconds."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found) * 1000


def started(code: str) -> float:
    return least(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def converter(check: Check, default: object) -> Callable[[object], object]:
    return lambda value: value if value is default else check(value)


def attrs_class() -> Any:
    made = {
        name: attrs.field(
            kw_only=True,
            converter=converter(field.check, field.default) if field.check else None,
            **({} if field.default is MISSING else {"default": field.default}),
        )
        for name, field in fields(TimeSeries).items()
        if field.init
    }
    return attrs.make_class("TimeSeries", made, frozen=True, slots=True)


def main() -> None:
    bare = started("pass")
    print(f"Python alone          {bare:6.1f} ms")
    print(f"+ import attrs        {started('import attrs') - bare:6.1f} ms")
    print(f"+ a panel's class     {started('from dashgen import TimeSeries') - bare:6.1f} ms")
    cls = attrs_class()
    print(f"one class by attrs    {least(attrs_class):6.1f} ms, of {len(FIELDS)} in the model so far")
    print(f"{COUNT} panels, node    {least(lambda: [TimeSeries(**GIVEN) for _ in range(COUNT)]):6.1f} ms")
    print(f"{COUNT} panels, attrs   {least(lambda: [cls(**GIVEN) for _ in range(COUNT)]):6.1f} ms")


if __name__ == "__main__":
    main()
