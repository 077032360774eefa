"""What is rendered alike, and what only compares alike."""

from __future__ import annotations

import pytest

from dashgen import Dashboard as Board
from dashgen import DataLink, Environment, Panel, Project, QuestDB, Row, SpecialMapping, Stat, Thresholds, ValueMapping
from dashgen.render import parsed, render
from dashgen.render.render_key import exact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Stat("T", "Q", min=1), Stat("T", "Q", min=1.0)),
        (Stat("T", "Q", thresholds=Thresholds("red", (1, "green"))),
         Stat("T", "Q", thresholds=Thresholds("red", (1.0, "green")))),
        (Stat("T", "Q", mappings=(ValueMapping(1, "up"),)), Stat("T", "Q", mappings=(ValueMapping(True, "up"),))),
        (Stat("T", "Q", options={"a": [1]}), Stat("T", "Q", options={"a": [True]})),
    ],
)  # fmt: skip
def test_numbers_and_booleans_that_python_takes_for_equal_are_told_apart(one: Panel, other: Panel) -> None:
    assert one == other
    assert exact(one) != exact(other)


def test_what_is_left_out_and_where_it_was_written_does_not_count() -> None:
    without = frozenset({"source", "title"})
    assert exact(Stat("T", "Q", unit="ms"), without) == exact(Stat("U", "Q", unit="ms"), without)
    assert exact(SpecialMapping("null", "–")) == exact(SpecialMapping("null", "–"))
    assert exact(Stat("T", "Q", unit="ms"), without) != exact(Stat("T", "Q", unit="s"), without)


def test_panels_do_not_change_each_other() -> None:
    """Each is rendered as it is alone, whatever was rendered before it."""
    target = Board(uid="target", title="Target", rows=())
    panels = (
        Stat("A", "Q", mappings=(ValueMapping(1, "up"),)),
        Stat("B", "Q", mappings=(ValueMapping(True, "up"),)),
        Stat("C", "Q", min=1, data_links=(DataLink("x", dashboard=target),)),
        Stat("D", "Q", min=1.0, data_links=(DataLink("x", dashboard="target"),)),
    )

    def rendered(*chosen: Panel) -> list[object]:
        board = Board(uid="x", title="X", rows=(Row("", chosen),))
        environment = Environment("prod", datasources={"questdb": QuestDB()})
        document = next(render(Project(environments=(environment,), dashboards=(board,)), environment))
        found: object = parsed(document)
        assert isinstance(found, dict)
        return [repr(panel["fieldConfig"]) for panel in found["panels"]]

    together = rendered(*panels)
    assert together == [rendered(panel)[0] for panel in panels]
    assert rendered(*reversed(panels)) == together[::-1]
    assert "{'true': " in str(together[1])
