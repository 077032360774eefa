from __future__ import annotations

from contextlib import ExitStack

import pytest

from dashgen import Override, Panel, SpecError
from dashgen.model.dashboards.panel_kinds import PANEL_KINDS, of
from dashgen.schema.derive import PANEL_KINDS as IN_THE_SCHEMA


def test_every_kind_that_the_schema_knows_has_a_row() -> None:
    assert set(PANEL_KINDS) == set(IN_THE_SCHEMA)


def test_what_is_claimed_of_a_kind() -> None:
    assert (of("trend").x, of("timeseries").x, of("stat").x) == ("number", "time", "")
    assert of("state-timeline").over_time
    assert not of("state-timeline").numeric
    unknown = of("acme-gauge-panel")
    assert not any((unknown.x, unknown.numeric, unknown.one_a_series, unknown.rows, unknown.wide))


def test_the_model_refuses_hidden_fields_where_the_kind_has_none() -> None:
    assert {name for name, kind in PANEL_KINDS.items() if not kind.hides_by} == {"stat", "gauge", "bargauge"}
    for name, kind in PANEL_KINDS.items():
        with ExitStack() as stack:
            if not kind.hides_by:
                stack.enter_context(pytest.raises(SpecError, match="can't hide single fields"))
            Panel(name, "T", "SELECT 1 AS v", overrides=(Override("v", hidden=True),))
