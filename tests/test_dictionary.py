from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dashgen import Dashboard, Query, Row, TimeSeries
from dashgen.dictionary import dictionary, prose
from dashgen.escaping import markdown as cell
from dashgen.escaping import visible
from dashgen.loading.load import load
from dashgen.model.dashboards.foreign import ForeignPanel
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import Designated, Doc, Symbol, table
from tests.tree_snapshot import ROOT

RENDERER = MarkdownIt("commonmark").enable("table")


def shipped() -> str:
    project = load(ROOT / "specs").project
    assert project is not None
    return dictionary(project)


PAGE = shipped()


def test_the_committed_page_is_current() -> None:
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == PAGE, "run `make dashboards` and commit docs/"


def row(name: str, of: str) -> list[str]:
    """The cells of a column's line."""
    section = PAGE.split(f"\n## {of}\n")[1].split("\n## ")[0]
    (line,) = re.findall(rf"^\| `{name}` \|.*$", section, re.MULTILINE)
    return [text.strip() for text in line.strip("|").split(" | ")]


def test_columns_have_type_unit_values_and_meaning() -> None:
    assert row("latency_ms", "exchange_status")[1:5] == [
        "DOUBLE",
        "ms",
        "0 to 10,000",
        "Round trip; while disconnected the last one known.",
    ]
    assert row("env", "daemon_metrics")[3] == "prod, staging, dev"
    assert row("host", "daemon_metrics")[3] == "1 to 255 characters"
    assert row("last_message_at", "exchange_status")[3] == "UTC or null"
    assert row("timestamp", "daemon_metrics")[1] == "TIMESTAMP · designated timestamp"


def test_readers_rules_retention_and_views() -> None:
    assert "`daemon-health`" in row("fetch_count", "daemon_metrics")[5]
    assert row("bytes_written", "pipeline_metrics")[5] == "–"
    assert "- dashboard Daemon health (`daemon-health`): " in PAGE
    assert "- `fetch_count` never falls, unless `uptime_seconds` does\n" in PAGE
    assert "- Rows are kept 365 days, in partitions by day.\n" in PAGE
    assert "Materialized view of `pipeline_metrics`, by 1m; rows are kept 90 days.\n" in PAGE


def test_hostile_texts_stay_texts() -> None:
    @table(name="hostile", dedup=("at", "kind"))
    class Hostile:
        """<script>alert(1)</script> & [a](javascript:x) | `code | span` *bold*"""

        at: Annotated[datetime, Designated()]
        kind: Annotated[Literal["a|b", "<i>", "`"], Symbol(16)]
        n: Annotated[int, Doc("one | two\n\n# three <b>", "u|nit")]

    page = dictionary(Project(environments=(Environment("prod"),), tables=(Hostile,)))
    html = RENDERER.render(page)
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert '<a href="javascript' not in html
    assert "<strong>" not in html
    assert "<h1>three" not in html
    lines = [line for line in html.split("<tr>") if "<code>n</code>" in line]
    assert lines[0].count("<td>") == 6
    assert "one | two # three &lt;b&gt;" in lines[0]
    assert "u|nit" in lines[0]


@given(st.text(max_size=60))
def test_a_cell_shows_its_text(text: str) -> None:
    html = RENDERER.renderInline(cell(text))
    assert "<" not in html
    shown = visible(" ".join(text.split()))
    words = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert html.strip() == words.replace("\x00", "\ufffd")


@pytest.mark.parametrize("text", ["- a", "+ a", "1. a", "2) a", "# a", "> a", "a\n\n- b"])
def test_prose_starts_no_list(text: str) -> None:
    html = RENDERER.render(prose(text))
    assert re.findall(r"<(\w+)", html) == ["p"] * html.count("</p>")


def test_the_same_specs_give_the_same_page() -> None:
    assert shipped() == PAGE


@table(name="t_named", write_interval="1s")
class Named:
    at: Annotated[datetime, Designated()]
    n: float


def test_a_panel_keeps_its_name_whatever_is_in_it() -> None:
    read = "SELECT at AS time, n FROM t_named WHERE $__timeFilter(at)"
    several = (Query(read, name="one"), Query(read, name="two"))
    panels = (TimeSeries("CPU › user", read), TimeSeries("Net › in › eth0", several), TimeSeries("Plain", read))
    raw = {"type": "stat", "title": "Disk › used", "targets": [{"rawSql": read, "format": "table"}] * 2}
    foreign = ForeignPanel(json=json.dumps(raw | {"gridPos": {"w": 6, "h": 4}}), origin="a library")
    board = Dashboard(uid="b", title="B › b", rows=(Row("", (*panels, foreign)),))
    page = dictionary(Project(environments=(Environment("prod"),), tables=(Named,), dashboards=(board,)))
    (line,) = [line for line in page.splitlines() if line.startswith("- dashboard ")]
    assert line == "- dashboard B › b (`b`): CPU › user, Net › in › eth0, Plain, Disk › used"
