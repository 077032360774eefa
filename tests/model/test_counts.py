from __future__ import annotations

from dashgen.model.core.counts import counted


def test_a_noun_follows_its_number() -> None:
    assert [counted(n, "panel") for n in (0, 1, 2, 2000)] == ["0 panels", "1 panel", "2 panels", "2,000 panels"]
    assert [counted(n, "query", "queries") for n in (1, 2)] == ["1 query", "2 queries"]
