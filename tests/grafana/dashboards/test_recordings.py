"""What a real Grafana 12.4.0 made of published dashboards. Data to read in place, no part of this repository."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dashgen.grafana.dashboards.document import at, same
from dashgen.grafana.dashboards.migrations import migrate

SHARED = Path(__file__).resolve().parents[4] / "shared"
PUBLISHED = SHARED / "dashboards"
RECORDED = SHARED / "dashboards-recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings beside the checkout")


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def first_difference(ours: object, theirs: object, pointer: str = "$") -> str | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                return f"{at(pointer, key)}: {'missing' if key in theirs else 'too much'}"
            found = first_difference(ours[key], theirs[key], at(pointer, key))
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((found for i, pair in pairs if (found := first_difference(*pair, at(pointer, i)))), None)
    return None if same(ours, theirs) else f"{pointer}: {json.dumps(ours)[:80]} instead of {json.dumps(theirs)[:80]}"


def test_published_dashboards_migrate_as_a_real_grafana_migrates_them() -> None:
    originals = {path.name: path for path in PUBLISHED.glob("*/*.json")}
    differing = {}
    for recorded in sorted((RECORDED / "v1beta1").glob("*.json")):
        found = first_difference(migrate(load(originals[recorded.name])), load(recorded))
        sys.stdout.write(f"{recorded.name}: {found or 'equal'}\n")
        if found:
            differing[recorded.name] = found
    assert differing == {}
