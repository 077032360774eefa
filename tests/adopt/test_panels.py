"""What a build would refuse of a panel stays raw beside it: an import can be built."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import Panel, Transformation
from dashgen.model.core.validators import thaw
from tests.adopt.documents import adopted


def panel(**fields: Any) -> Panel:
    found = adopted({"title": "B", "panels": [{"type": "timeseries", "title": "P", **fields}]})
    assert found.difference == ""
    (one,) = found.dashboard.panels
    assert isinstance(one, Panel)
    return one


@pytest.mark.parametrize("refused", [{"id": "sortBy", "options": {"noSuchOption": 1}}, {"id": "limit", "x": 1}])
def test_transformations_that_the_schema_refuses_are_raw(refused: dict[str, Any]) -> None:
    found = panel(transformations=[refused])
    assert found.transformations == ()
    assert thaw(found.raw["transformations"]) == [refused]


def test_transformations_that_it_takes_are_objects() -> None:
    found = panel(transformations=[{"id": "configFromData", "options": {"applyToConfig": True}}])
    assert found.transformations == (Transformation("configFromData", {"applyToConfig": True}),)
    assert not found.raw
