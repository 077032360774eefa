"""The four reports: golden ones, and what hostile texts in specs come to in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from dashgen.diff.assemble import Review, review
from dashgen.diff.reports import as_json, html, markdown, text
from dashgen.diff.reports.data import document
from dashgen.diff.reports.markdown import LIMIT, MARKER
from dashgen.escaping import visible
from dashgen.schema.validate import validate
from dashgen.tree.read import RenderedTree
from tests.diff import trees
from tests.diff.strategies import PATIENT, Files
from tests.diff.strategies import trees as random_trees
from tests.diff.test_meaning import ROUTE, RULE, TABLE, put
from tests.diff.trees import Tree, compared, tree


def typical() -> tuple[Tree, Tree]:
    """A change of each sort."""
    old = tree()
    new = old.changed()
    new.panel["fieldConfig"]["defaults"]["unit"] = "ms"
    new.panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] = 90
    new.panel["targets"][0]["rawSql"] = trees.SQL.replace("avg(v)", "max(v)").replace("\nORDER BY time", "")
    new.panel["gridPos"]["y"] = 0
    new.documents[trees.HEALTH]["panels"].append(
        {"id": 11, "type": "table", "title": "Errors", "targets": [{"refId": "A", "rawSql": "SELECT * FROM errors"}]}
    )
    put(*RULE, "for", to="5m")(new)
    put(*ROUTE, "receiver", to="ops")(new)
    put(*TABLE, "ttl", to="7 DAYS")(new)
    new.documents[trees.LEDGER]["published"].remove("dashboard other")
    del new.documents[trees.OTHER]
    return old, new


def reviewed(old: Tree, new: Tree) -> Review:
    return Review(
        "main (3fa2b1c00)", "the working specs", (compared(old, new),), ("local is only in the working specs",)
    )


def test_text(snapshot: SnapshotAssertion) -> None:
    assert text(reviewed(*typical()), color=False) == snapshot


def test_markdown(snapshot: SnapshotAssertion) -> None:
    assert markdown(reviewed(*typical())) == snapshot


def test_json(snapshot: SnapshotAssertion) -> None:
    assert as_json(reviewed(*typical())) == snapshot


def test_html(snapshot: SnapshotAssertion) -> None:
    assert html(reviewed(*typical())) == snapshot


def test_no_differences() -> None:
    same = reviewed(tree(), tree())
    assert "prod: no differences" in text(same, color=False)
    assert markdown(same).startswith(f"{MARKER}\n### dashgen: no differences\n")
    assert json.loads(as_json(same))["different"] is False
    assert "no differences" in html(same)


def test_colour_is_only_where_it_is_asked_for() -> None:
    given = reviewed(*typical())
    assert "\x1b" not in text(given, color=False)
    coloured = text(given, color=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == text(given, color=False)


@given(random_trees(), random_trees())
@settings(PATIENT, max_examples=40)
def test_json_is_as_its_schema_says_for_any_trees(a: Files, b: Files) -> None:
    made = Review("a", "b", (review("prod", RenderedTree("prod", a), RenderedTree("prod", b)),))
    assert validate("review", json.loads(as_json(made))) == []
    assert html(made)
    assert len(markdown(made).encode()) <= LIMIT
    assert bool(made) is bool(document(made)["environments"][0]["subjects"])


HOSTILE = [
    "</script><script>alert(1)</script>",
    "</details></code>`````",
    "a | b | c",
    "@octocat #1 GH-2 octocat/hello#3",
    "<!-- dashgen diff -->",
    "--> <!--",
    "[x](javascript:alert(1)) ![i](https://evil.example/p.png)",
    "www.evil.example https://evil.example",
    "**bold** _it_ ~~s~~ &lt; &#64;",
    "line\nbreak\r\n- item\n\n# head",
    "\u202egnp.exe\u2066 \u200b zero",
    "\x1b[31mred\x1b[0m \x07",
    "'\" onmouseover=alert(1) x='",
]


class _Tags(HTMLParser):
    """The tags and the attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(evil: str) -> Review:
    """A text of someone else everywhere where specs have texts."""
    old = tree()
    old.documents[trees.HEALTH]["title"] = evil
    new = old.changed()
    new.panel.update(title=evil, description=evil)
    new.panel["targets"][0]["rawSql"] = f"SELECT '{evil}' FROM t -- {evil}"
    new.panel["fieldConfig"]["defaults"] |= {"unit": evil, evil: evil, "mappings": [{"type": evil, "options": {}}]}
    new.panel["fieldConfig"]["overrides"].append({"matcher": {"id": "byName", "options": evil}, "properties": []})
    new.documents[trees.HEALTH]["templating"]["list"].append({"name": evil, "type": "textbox"})
    put(*RULE, "title", to=evil)(new)
    put(*RULE, "labels", evil, to=evil)(new)
    put(*ROUTE, "receiver", to=evil)(new)
    put(trees.TEMPLATES, "templates", 0, "template", to=f"a\n```\n{evil}\n```")(new)
    new.documents[trees.LEDGER]["published"].append(f"rule {evil}")
    del new.documents[trees.HEALTH]["panels"][1]
    return Review(evil, evil, (compared(old, new),), (evil,))


def page_of(given: str) -> _Tags:
    tags = _Tags()
    tags.feed(given)
    return tags


@pytest.mark.parametrize("evil", HOSTILE)
def test_html_makes_nothing_of_a_text_but_text(evil: str) -> None:
    page = page_of(html(hostile(evil)))
    harmless = page_of(html(hostile("harmless")))
    assert page.tags == harmless.tags
    assert page.attributes == harmless.attributes
    assert visible(evil) in page.text


@pytest.mark.parametrize("evil", HOSTILE)
def test_markdown_makes_nothing_of_a_text_but_text(evil: str) -> None:
    made = markdown(hostile(evil))
    fence = ""
    outside: list[str] = []
    for line in made.splitlines():
        found = re.match(r"  (`{3,})(diff)?$", line)
        if found and not fence:
            fence = found[1]
        elif fence and line.strip() == fence:
            fence = ""
        elif not fence:
            outside.append(line)
    assert not fence
    prose = "\n".join(outside)
    assert prose.count(MARKER) == 1
    assert made.startswith(MARKER)
    # what stands in <code> has no sign left that anything could read; without it only dashgen's own words are left
    own = re.sub(r"<code>[^<>`|@\[\]*_~:\n]*</code>", "", prose)
    assert set(re.findall(r"</?\w+", own)) <= {"<details", "</details", "<summary", "</summary"}
    assert not set("@`[]~") & set(own)
    assert all(line.count("|") in (0, 4, 5) for line in own.splitlines())


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_terminal_gets_no_control_character(evil: str) -> None:
    made = text(hostile(evil), color=False)
    assert not [c for c in made if c != "\n" and visible(c) != c]


def test_a_comment_too_long_is_cut_clearly() -> None:
    old = tree()
    new = old.changed()
    for number in range(300):
        path = f"dashboards/daemons/d{number}.json"
        panels = [{"id": i, "type": "stat", "title": f"Panel {i} of {number}"} for i in range(20)]
        old.documents[path] = {"uid": f"d{number}", "title": f"Number {number}", "panels": panels}
        new.documents[path] = json.loads(json.dumps(old.documents[path]))
        for panel in new.documents[path]["panels"]:
            panel["description"] = "`" * 50 + "<>&" * 50
    made = markdown(reviewed(old, new))
    assert 60_000 < len(made.encode()) <= LIMIT < 65_536
    assert re.search(r"\*\*Cut off: \d+ of 300 are not shown here", made)
    assert "… and " in made
    assert made.count("<details>") == made.count("</details>") > 1
    assert made.count("<!--") == 1


def test_the_same_lines_in_many_places_are_shown_once() -> None:
    old = tree()
    new = old.changed()
    for path in (trees.HEALTH, trees.OTHER):
        for panel in new.documents[path]["panels"]:
            panel["targets"][0]["rawSql"] = "SELECT 2"
    made = text(reviewed(old, new), color=False)
    assert made.count("+ SELECT 2") == 2
    assert made.count("(the same lines as in daemon-health › State › query A)") == 1
    assert markdown(reviewed(old, new)).count("+ SELECT 2") == 2
    assert html(reviewed(old, new)).count("<td class=new>SELECT 2</td>") == 3


def test_pictures_are_put_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "daemon-health.7.before.png").write_bytes(b"old picture")
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "daemon-health.7.after.png").write_bytes(b"new picture")
    (tmp_path / "daemon-health.7.after.png").write_bytes(b"of another environment")
    made = html(reviewed(*typical()), tmp_path)
    assert "data:image/png;base64,b2xkIHBpY3R1cmU=" in made
    assert "data:image/png;base64,bmV3IHBpY3R1cmU=" in made
    assert made.count("<img ") == 2


def test_without_pictures_the_page_has_room_for_them() -> None:
    made = html(reviewed(*typical()))
    assert "<img" not in made
    assert '<figure class=slot data-dashboard="daemon-health" data-panel="7" data-side="before">' in made
    assert "<div class=pictures hidden>" in made


def test_the_page_loads_nothing() -> None:
    made = html(reviewed(*typical()))
    assert "default-src 'none'" in made
    assert not re.search(r"(src|href)=(?!\"#|\"data:)", made)
    assert "url(" not in made
    assert "@import" not in made


@given(st.text())
@settings(PATIENT)
def test_visible_text_is_one_line_without_controls(given: str) -> None:
    shown = visible(given)
    assert "\n" not in shown
    assert visible(shown) == shown
