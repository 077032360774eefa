"""Dashboards with values of any kind at any place: an import says the same, or why there is none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashgen.adopt import dashboard_types
from dashgen.adopt.source.module import source
from dashgen.grafana.dashboards.document import DashboardError
from tests.adopt.documents import SHIPPED, Json, adopted, form, read, run

OWN = [read(path) for path in SHIPPED]
SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 1.5, "", " ", "x", "$a", "${a}", "a\"b'c", "\n", "\\", "{", "日本", "\u202e",
    "\x00", "x" * 300, "now-6h", "rgba(1,2,3,0.5)", "fixed", 24, "-- Mixed --", "a'''b\"\"\"c",
)  # fmt: skip
values = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "type", "id", "value", "", "a b", "mode", "text"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inside for place in places(item, (*at, key)))]


PLACES = [places(document)[1:] for document in OWN]


OPERATIONS = ("replace", "remove", "add", "repeat")
keys = st.sampled_from(["zz", "raw", "type", "options", "9"])
edits = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(OPERATIONS), values, keys), min_size=1, max_size=3)


def mutated(which: int, found: list[tuple[int, str, Any, str]]) -> Json:
    """One of the documents with edits, each at a place by its number."""
    document = copy.deepcopy(OWN[which])
    for number, operation, value, key in found:
        *path, last = PLACES[which][number % len(PLACES[which])]
        owner: Any = document
        try:
            for step in path:
                owner = owner[step]
            if operation == "remove":
                del owner[last]
            elif operation == "add" and isinstance(owner, dict):
                owner[key] = value
            elif operation == "repeat" and isinstance(owner, list):
                owner.insert(last, copy.deepcopy(owner[last]))
            else:
                owner[last] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier edit took the place away
    return document


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(OWN) - 1), edits)
def test_nothing_is_lost_and_nothing_raises(which: int, found_edits: list[tuple[int, str, Any, str]]) -> None:
    document = mutated(which, found_edits)
    try:
        found = adopted(document)
    except DashboardError:  # a type that Grafana could not read either
        return
    assert found.difference == ""
    again = run(source(found.dashboard, "BOARD"), "BOARD")
    assert form(again, document) == form(found.dashboard, document)


def test_a_value_of_another_type_is_named_with_its_place() -> None:
    document = copy.deepcopy(OWN[0])
    document["panels"][1]["gridPos"]["w"] = "12"
    with pytest.raises(DashboardError, match="is not as Grafana writes it") as raised:
        dashboard_types.check(document)
    assert raised.value.pointer == "$.panels[1].gridPos.w"
