"""What the client makes of QuestDB's answers over HTTP."""

from __future__ import annotations

import pytest

from dashgen.questdb import EmbeddedQuestDB, QueryError

pytestmark = pytest.mark.questdb


@pytest.mark.parametrize("items", ["{long} AS v, 7 AS n", "x, {long} AS v", "x, CASE WHEN x = 2 THEN {long} END AS v"])
def test_an_answer_that_is_broken_off_is_an_error(questdb: EmbeddedQuestDB, items: str) -> None:
    """QuestDB 9.3.4 answers 200, with the rows before a value that its buffer has no room for."""
    part = "rpad('x', 1000000, 'x')"
    columns = items.format(long=f"concat({part}, {part}, {part})::varchar")
    with pytest.raises(QueryError, match="response buffer is too small for the column value"):
        questdb.query(f"SELECT {columns} FROM long_sequence(3)")
    assert len(str(questdb.query(f"SELECT {part} AS v").value)) == 1_000_000
