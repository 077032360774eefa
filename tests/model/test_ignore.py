from __future__ import annotations

import pytest

from dashgen import Annotation, Ignore, Query, QueryVariable, SpecError, Table

NONE = Ignore("DG301", reason="a fixture")


def test_a_reason_is_needed() -> None:
    with pytest.raises(SpecError, match="Ignore: needs reason"):
        Ignore("DG301")  # type: ignore[call-arg]  # what is tested
    with pytest.raises(SpecError, match="reason: expected a reason, got ' '"):
        Ignore("DG301", reason=" ")


@pytest.mark.parametrize("code", ["301", "dg301", "DG30", "DG3011"])
def test_a_code_has_its_form(code: str) -> None:
    with pytest.raises(SpecError, match="expected the code of a rule like 'DG304'"):
        Ignore(code, reason="x")


def test_it_stands_wherever_sql_does() -> None:
    things = (
        Query("SELECT 1", ignore=(NONE,)),
        Table("Rows", "SELECT 1", ignore=(NONE,)),
        Annotation("Events", "SELECT 1", ignore=(NONE,)),
        QueryVariable("host", "SELECT 1", ignore=(NONE,)),
    )
    assert all(thing.ignore == (NONE,) for thing in things)


def test_a_panel_has_a_budget() -> None:
    assert Table("Rows", "SELECT 1").budget_ms == 250
    assert Table("Rows", "SELECT 1", budget_ms=2000).budget_ms == 2000
