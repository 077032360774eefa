"""Places on the grid: never outside it, never on one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashgen.render.layout import COLUMNS, GridPosition, flow, overlapping, reflowed

SIZES = st.lists(st.tuples(st.integers(1, COLUMNS), st.integers(1, 100)), max_size=30)


def share(a: GridPosition, b: GridPosition) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


@given(SIZES, st.integers(0, 500))
def test_flow_keeps_sizes_order_and_the_grid(sizes: list[tuple[int, int]], top: int) -> None:
    placed = list(flow([(i, w, h) for i, (w, h) in enumerate(sizes)], top))
    assert [(i, p.w, p.h) for i, p in placed] == [(i, w, h) for i, (w, h) in enumerate(sizes)]
    places = [p for _, p in placed]
    assert all(p.x >= 0 and p.x + p.w <= COLUMNS and p.y >= top for p in places)
    assert not any(share(a, b) for i, a in enumerate(places) for b in places[:i])
    assert [(p.y, p.x) for p in places] == sorted((p.y, p.x) for p in places)
    assert not overlapping(places)


@given(st.lists(st.builds(GridPosition, st.integers(0, 20), st.integers(0, 20), st.integers(1, 6), st.integers(1, 6))))
def test_overlapping_sees_every_pair(places: list[GridPosition]) -> None:
    expected = any(p.x + p.w > COLUMNS for p in places) or any(
        share(a, b) for i, a in enumerate(places) for b in places[:i]
    )
    assert overlapping(places) == expected


PANELS = st.recursive(
    st.fixed_dictionaries(
        {"type": st.just("stat")},
        optional={"gridPos": st.fixed_dictionaries(
            {}, optional={"w": st.integers(1, 24), "h": st.integers(1, 30), "x": st.integers(0, 30),
                          "y": st.integers(0, 30)})},
    ),
    lambda inner: st.fixed_dictionaries({"type": st.just("row"), "panels": st.lists(inner, max_size=4)}),
    max_leaves=4,
)  # fmt: skip


@given(st.lists(PANELS, max_size=8))
def test_any_foreign_layout_becomes_a_possible_one(panels: list[dict[str, object]]) -> None:
    flat = [{"gridPos": {}, **p} for p in panels]
    for panel in flat:
        if panel["type"] == "row":
            panel["panels"] = [{"gridPos": {}, **p} for p in panel["panels"] if p["type"] != "row"]  # type: ignore[attr-defined]
    out = reflowed(flat)
    assert [p["type"] for p in out] == [p["type"] for p in flat]
    for group in (out, *(p["panels"] for p in out if p["type"] == "row")):
        assert not overlapping(GridPosition(**p["gridPos"]) for p in group)
    assert reflowed(out) == out
