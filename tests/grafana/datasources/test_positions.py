from __future__ import annotations

from dashgen.grafana.datasources.positions import Expanded, Piece, Rewriting, rewrite


def test_a_text_that_nothing_was_made_of_keeps_its_steps() -> None:
    text = rewrite("SELECT $a", [(7, 9, "1")])
    assert text.then(Expanded(text.text)) is text


def test_the_way_back_leads_through_all_steps() -> None:
    first = rewrite("  SELECT $a, b", [(0, 2, ""), (9, 11, "1")])
    both = first.then(rewrite(first.text, [(10, 11, "c")]))
    assert both.text == "SELECT 1, c"
    assert [both.source(at) for at in (0, 7, 8, 10)] == [2, 9, 11, 13]
    assert [both.is_copied(at) for at in (0, 7, 8, 10)] == [True, False, True, False]
    assert both.region(7) == (9, 11)


def test_a_step_may_be_given_by_its_pieces() -> None:
    text = Expanded("b", (Rewriting.of([Piece(0, 1, 2, copied=True)]),))
    assert (text.source(0), text.is_copied(0)) == (1, True)
