from __future__ import annotations

import json

from dashgen.check.finding import CheckReport, Counts, Excerpt, Finding, Place
from dashgen.check.formats.data import data
from dashgen.check.formats.github import github
from dashgen.check.formats.markdown import markdown
from dashgen.check.formats.text import text
from dashgen.check.query_collection import Unchecked
from dashgen.check.rule import Severity
from dashgen.escaping import markdown as escaped
from dashgen.escaping import markdown_code as code

BAD = Finding(
    "DG101",
    "refused-by-server",
    "error",
    "health › 50% | <b>`x`</b>",
    "QuestDB refuses it: Invalid column: uptime",
    "did you mean uptime_seconds?",
    ("prod",),
    ("6h, host: a quote",),
    Place("specs/a,b:c.py", 12, 17),
    Place("specs/health.py", 3),
    Excerpt("    SELECT max(uptime) AS up", 2, 15, 21),
    "SELECT max(uptime) AS up\nFROM t",
)
NOTE = Finding("DG601", "unused-column", "note", "t › n", "nothing uses it")
REPORT = CheckReport(
    (BAD, NOTE), (Unchecked("a › b", "a query of another datasource (loki)", "prod"),), Counts(3, 2, 40, 1)
)


def test_text_has_the_line_and_a_caret_below_the_word() -> None:
    assert text(REPORT, color=False, every=2) == (
        "error[DG101] specs/a,b:c.py:12:17: health › 50% | <b>`x`</b>\n"
        "  QuestDB refuses it: Invalid column: uptime\n"
        "     |\n"
        "  12 | SELECT max(uptime) AS up\n"
        "     |            ^^^^^^\n"
        "  help: did you mean uptime_seconds?\n"
        "  in the query of specs/health.py:3\n"
        "  with 6h, host: a quote\n"
        "  in prod only\n"
        "  sent to the server:\n"
        "    SELECT max(uptime) AS up\n"
        "    FROM t\n"
        "\n"
        "note[DG601] t › n\n"
        "  nothing uses it\n"
        "\n"
        "not checked (1 query):\n"
        "  a › b: a query of another datasource (loki)\n"
        "\n"
        "3 queries in 2 environments proved by 40 statements: 1 error, 1 note; 1 not checked\n"
    )


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b[" not in text(REPORT, color=False, every=2)
    assert "\x1b[1;31merror[DG101]\x1b[0m" in text(REPORT, color=True, every=2)


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = "x" * 300 + " nope " + "y" * 300
    found = Finding("DG101", "r", "error", "p", "m", excerpt=Excerpt(line, 1, 301, 305))
    for width in (40, 80, 200):
        shown, marks = text(CheckReport((found,), ()), color=False, every=1, width=width).splitlines()[3:5]
        assert len(shown) <= width
        assert shown[marks.index("^") : marks.rindex("^") + 1] == "nope"
        assert shown.startswith("  1 | …")
        assert shown.endswith("…")


def test_a_tab_is_as_wide_as_it_is_shown() -> None:
    found = Finding("DG101", "r", "error", "p", "m", excerpt=Excerpt("\ta,\tnope", 1, 4, 8))
    assert "  1 | a,    nope\n    |       ^^^^" in text(CheckReport((found,), ()), color=False, every=1)


def test_errors_come_before_warnings_and_notes() -> None:
    places = [Place("a.py", 1), Place("b.py", 2), Place("c.py", 3)]
    kinds: tuple[Severity, ...] = ("note", "warning", "error")
    found = [Finding("DG1", "r", kind, "p", "m", place=place) for kind, place in zip(kinds, places, strict=True)]
    ordered = sorted(found, key=lambda one: one.order)
    assert [one.severity for one in ordered] == ["error", "warning", "note"]


def test_github_commands_are_escaped() -> None:
    first, second, last, _ = github(REPORT).split("\n")
    assert first == (
        "::error file=specs/a%2Cb%3Ac.py,line=12,title=DG101 refused-by-server,col=17::"
        "health › 50%25 | <b>`x`</b>: QuestDB refuses it: Invalid column: uptime%0Adid you mean uptime_seconds?"
        "%0ASELECT max(uptime) AS up%0Awith 6h, host: a quote"
    )
    assert second == "::notice title=DG601 unused-column::t › n: nothing uses it"
    assert last.startswith("3 queries")


def test_markdown_is_a_table_that_nothing_breaks() -> None:
    made = markdown(REPORT)
    (row,) = [line for line in made.splitlines() if "DG101" in line]
    assert row.count("|") - row.count("\\|") == 5
    assert "<b>" not in row
    assert escaped("a|b\n<c> @me #1 `x`") == "a\\|b &lt;c&gt; \\@me \\#1 \\`x\\`"
    assert code("a|`b`<c>") == "<code>a&#124;&#96;b&#96;&lt;c&gt;</code>"


def test_json_has_everything() -> None:
    made = json.loads(data(REPORT))
    assert made["format"] == 1
    assert made["findings"][0] == {
        "code": "DG101",
        "rule": "refused-by-server",
        "severity": "error",
        "path": BAD.path,
        "message": BAD.message,
        "hint": BAD.hint,
        "environments": ["prod"],
        "cases": ["6h, host: a quote"],
        "place": {"file": "specs/a,b:c.py", "line": 12, "column": 17},
        "built": {"file": "specs/health.py", "line": 3, "column": None},
        "sql": {"text": "    SELECT max(uptime) AS up", "line": 2, "start": 15, "end": 21},
        "sent": BAD.sent,
    }
    assert made["findings"][1]["place"] is None
    assert made["not_checked"] == [
        {"path": "a › b", "reason": "a query of another datasource (loki)", "environment": "prod"}
    ]
    assert made["counts"]["note"] == 1


def test_notes_never_fail() -> None:
    assert not CheckReport((NOTE,), ()).fails("warning")
    assert CheckReport((BAD,), ()).fails("error")
