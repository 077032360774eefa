from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.model.core.source_map.literals import Literals

SPEC = '''
COLUMN = "uptime"
PLAIN = """
    SELECT host
    FROM daemon_metrics
"""
def rate(counter):
    return f"""
    SELECT timestamp AS time, last({counter}) AS value
    FROM daemon_metrics {{comment}}
    SAMPLE BY {"1m" if "}" else ''} ALIGN TO CALENDAR
    """
JOINED = (
    "SELECT host, " f"max({COLUMN}) AS "  # a comment with "quotes"
    'value\\n FROM \\'daemon_metrics\\''
)
RAW = r"SELECT '\\d+' AS pattern FROM long_sequence(1)"
UMLAUT = "ä"; SAME_LINE = "SELECT 'ö' AS name, nope FROM daemon_metrics"
TWICE = "SELECT nothing FROM daemon_metrics"
AGAIN = "SELECT nothing FROM daemon_metrics"
'''


@pytest.fixture
def literals(tmp_path: Path) -> Literals:
    (tmp_path / "panels.py").write_text(SPEC, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def :", encoding="utf-8")
    return Literals(tmp_path)


def _evaluated(name: str) -> str:
    names: dict[str, object] = {}
    exec(SPEC, names)
    return str(names[name])


def _where(literals: Literals, sql: str, word: str, near: tuple[str, int] | None = None) -> str:
    """What stands in the source at the place that was found."""
    found = literals.locate(sql, sql.index(word), near)
    assert found is not None
    path, line, column = found
    return path.read_text(encoding="utf-8").split("\n")[line - 1][column - 1 :]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("PLAIN", "daemon_metrics"),
        ("JOINED", "SELECT"),
        ("JOINED", "max("),
        ("JOINED", "AS "),
        ("JOINED", "daemon_metrics"),
        ("RAW", "d+"),
        ("RAW", "pattern"),
        ("SAME_LINE", "nope"),
    ],
)
def test_a_word_is_found_where_it_was_written(literals: Literals, name: str, word: str) -> None:
    assert _where(literals, _evaluated(name), word).startswith(word)


@pytest.mark.parametrize("word", ["timestamp AS", "value", "daemon_metrics", "{comment}", "SAMPLE", "ALIGN"])
def test_the_texts_of_a_helper_are_found(literals: Literals, word: str) -> None:
    names: dict[str, object] = {}
    exec(SPEC + 'SQL = rate("fetch_count")', names)
    expected = "{{comment}" if word == "{comment}" else word
    assert _where(literals, str(names["SQL"]), word).startswith(expected)


def test_what_was_computed_is_at_its_braces(literals: Literals) -> None:
    names: dict[str, object] = {}
    exec(SPEC + 'SQL = rate("fetch_count")', names)
    assert _where(literals, str(names["SQL"]), "fetch_count").startswith("{counter}")
    assert _where(literals, _evaluated("JOINED"), "uptime").startswith("{COLUMN}")


def test_of_two_equal_ones_the_nearest_is_meant(literals: Literals) -> None:
    spec = str(literals.root / "panels.py")
    for line in (i for i, text in enumerate(SPEC.split("\n"), 1) if "SELECT nothing" in text):
        found = literals.locate(_evaluated("TWICE"), 7, (spec, line))
        assert found is not None
        assert found[1] == line


def test_what_was_made_otherwise_is_not_found(literals: Literals) -> None:
    assert literals.locate("SELECT something else entirely", 3, None) is None
