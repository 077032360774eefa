"""Trees that were edited by hand into what Grafana would refuse: compared, or refused in a sentence."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.diff.assemble import Review, review
from dashgen.diff.reports import as_json, html, markdown, text
from dashgen.model.core.problems import DashgenError
from tests.diff.strategies import PATIENT, mutated
from tests.diff.trees import Tree, tree

WHOLE = tree()


def damaged(data: st.DataObject) -> Tree:
    """The tree with some random changes anywhere in its documents."""
    made: dict[str, Any] = dict(WHOLE.documents)
    for _ in range(data.draw(st.integers(0, 3))):
        path = data.draw(st.sampled_from(sorted(p for p in made if not isinstance(made[p], str))))
        made[path] = mutated(data.draw, made[path])
    return Tree(made)


@given(st.data())
@settings(PATIENT, max_examples=40)
def test_any_two_damaged_trees_are_compared_or_refused(data: st.DataObject) -> None:
    """No exception but a sentence, and no report without what was found."""
    old, new = damaged(data), damaged(data)
    try:
        found = review("prod", old.rendered, new.rendered)
    except DashgenError:
        return
    whole = Review("old", "new", (found,), ())
    reports = [text(whole, color=False), markdown(whole), as_json(whole), html(whole, None)]
    assert all(reports)
    if old.files == new.files:
        assert not whole
