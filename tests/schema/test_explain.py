"""Whatever a document looks like, it is judged without raising, and what is refused is explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashgen.schema.validate import SchemaName, validate
from tests.schema.documents import dashboard, panel, provisioning

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)

DOCUMENTS: dict[str, dict[str, Any]] = {
    "dashboard": dashboard(panel("table", 1), panel("stat", 2), panel("timeseries", 3)),
    **provisioning(),
}


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from places(node[key])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(sorted(DOCUMENTS)), changes=st.integers(1, 4))
def test_changing_a_document_anywhere_never_raises(data: st.DataObject, name: SchemaName, changes: int) -> None:
    document = json.loads(json.dumps(DOCUMENTS[name]))
    for _ in range(changes):
        found = list(places(document))
        if not found:
            break
        container, key = data.draw(st.sampled_from(found))
        match data.draw(st.sampled_from(["remove", "replace", "add"])):
            case "remove":
                del container[key]
            case "add" if isinstance(container, dict):
                container[data.draw(st.text(max_size=8))] = data.draw(JSON)
            case _:
                container[key] = data.draw(JSON)
    for violation in validate(name, document):
        assert violation.message
        assert str(violation).startswith("/")
        at: Any = document
        for step in violation.pointer:
            at = at[step]  # a violation points at what is there


@settings(max_examples=50, deadline=None)
@given(instance=JSON, name=st.sampled_from(sorted(DOCUMENTS)))
def test_anything_at_all_can_be_judged(instance: object, name: SchemaName) -> None:
    assert all(violation.message for violation in validate(name, instance))
