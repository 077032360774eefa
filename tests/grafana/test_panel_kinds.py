from __future__ import annotations

from dashgen.grafana.panel_kinds import PANEL_KINDS, of
from dashgen.model.dashboards import panel
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
    assert {name for name, kind in PANEL_KINDS.items() if not kind.hides_fields} == panel._CANNOT_HIDE
