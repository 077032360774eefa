"""Texts of others in what dashgen writes: one module escapes, and no output has a character that nobody sees."""

from __future__ import annotations

import ast
import html as python_html
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dashgen import escaping
from dashgen.alert_tests.report import as_json, as_junit
from dashgen.alert_tests.report import text as alert_tests_text
from dashgen.alert_tests.suite import AlertTestOutcome, Coverage, SuiteReport
from dashgen.alert_tests.test_model import AlertTest
from dashgen.check.finding import CheckReport, Excerpt, Finding, Place
from dashgen.check.formats.data import data
from dashgen.check.formats.github import github
from dashgen.check.formats.markdown import markdown
from dashgen.check.formats.text import text
from dashgen.check.query_collection import Unchecked
from dashgen.cli import report
from dashgen.cli.options import OutputFormat
from dashgen.grafana.versions import semantics
from dashgen.model.core.problems import Problem

PACKAGE = Path(__file__).resolve().parent.parent / "dashgen"
HOSTILE = "\x1b[2J\x9b31m\x07 \u202egnp.exe\u2066 \u200bzero\ufeff \u2028 \U000e0041 \x7f"
FUNCTIONS: dict[str, Callable[[str], str]] = {
    "visible": escaping.visible,
    "visible_lines": escaping.visible_lines,
    "html": escaping.html,
    "markdown": escaping.markdown,
    "markdown_code": escaping.markdown_code,
    "code_span": escaping.code_span,
    "github_message": escaping.github_message,
    "github_property": escaping.github_property,
    "xml": escaping.xml,
    "json": escaping.json,
}


def unseen(written: str) -> list[str]:
    return [one for one in written if one != "\n" and one != "\t" and escaping.is_invisible(one)]


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.text() | st.just(HOSTILE))
def test_no_character_is_left_that_nobody_sees(name: str, given_text: str) -> None:
    assert not unseen(FUNCTIONS[name](given_text))


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])))
def test_a_text_that_is_seen_stays(given_text: str) -> None:
    assert escaping.visible(given_text) == escaping.visible_lines(given_text) == given_text
    assert python_html.unescape(escaping.html(given_text)) == given_text
    assert python_html.unescape(escaping.markdown_code(given_text)).removeprefix("<code>").removesuffix("</code>") == (
        given_text
    )


@given(st.recursive(st.text() | st.floats(allow_nan=False) | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_json_is_the_same_data(document: object) -> None:
    assert json.loads(escaping.json(document)) == document


@given(st.text(st.sampled_from("`| a\\<&*_$@#[]"), max_size=30))
def test_a_code_span_and_a_cell_show_their_text(given_text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {escaping.code_span('x' + given_text)} | {escaping.markdown(given_text)} |\n"
    shown = MarkdownIt("commonmark").enable("table").render(table)
    assert shown.count("<td>") == 2
    code = shown.partition("<code>")[2].partition("</code>")[0]
    assert python_html.unescape(code) == " ".join(f"x{given_text}".split())


EXCERPT = Excerpt(HOSTILE.replace("\u2028", ""), 1, 0, 3)
FOUND = Finding(
    "DG101", "refused", "error", HOSTILE, HOSTILE, hint=HOSTILE, excerpt=EXCERPT,
    place=Place(HOSTILE, 1, 2), cases=(HOSTILE,), sent=HOSTILE, environments=(HOSTILE,),
)  # fmt: skip
CHECKED = CheckReport((FOUND,), (Unchecked(HOSTILE, HOSTILE, HOSTILE),))
WRITERS: dict[str, Callable[[CheckReport], str]] = {
    "text": lambda one: text(one, color=False, every=2),
    "json": data,
    "github": github,
    "markdown": markdown,
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_format_of_findings(name: str) -> None:
    assert not unseen(WRITERS[name](CHECKED))
    assert "u202e" in WRITERS[name](CHECKED)


def test_what_a_terminal_is_told_of_problems(capsys: pytest.CaptureFixture[str]) -> None:
    report.fail((Problem(HOSTILE, HOSTILE, HOSTILE),), Path(), OutputFormat.JSON, 1, "nothing was written")
    report.notes((Problem(HOSTILE, HOSTILE, HOSTILE),))
    report.error(HOSTILE, HOSTILE)
    report.columns([(HOSTILE, "b")])
    out, err = capsys.readouterr()
    assert not unseen(out + err)
    assert json.loads(out[: out.rindex("}") + 1])["problems"][0]["path"] == HOSTILE


def test_reports_of_alert_tests() -> None:
    test = AlertTest(HOSTILE, place=f"{HOSTILE}:3")
    broken = AlertTestOutcome(test, broken=HOSTILE)
    told = SuiteReport((broken,), Coverage((), ()), (HOSTILE,), 0.1, semantics((12, 3)), (HOSTILE,))
    assert not unseen(alert_tests_text(told) + as_junit(told) + as_json(told))
    (case, finding) = ET.fromstring(as_junit(told))
    assert case.attrib["name"] == escaping.visible_lines(HOSTILE)
    assert finding[0].attrib["message"] == escaping.visible_lines(HOSTILE)
    assert json.loads(as_json(told))["tests"][0]["name"] == HOSTILE


GUARDED = {
    "an ANSI sequence": re.compile("\x1b"),
    "a reference of HTML": re.compile(r"&(?:lt|gt|amp|quot);|&#(?:x?\d|\Z)"),
    "an escape of GitHub's commands": re.compile(r"%0A|%25"),
}
ELSEWHERE = {"grafana/gotemplate/functions.py": "Go's own escaping of HTML"}
ITS_OWN = {
    "cli/ci.py": "a workflow, as a file",
    "cli/db/migrate.py": "SQL that somebody runs",
    "cli/db/retention.py": "SQL that somebody runs",
    "cli/ddl.py": "SQL that somebody runs",
    "cli/docs.py": "Markdown, escaped where it is made",
    "cli/report.py": "what all commands call",
    "cli/version.py": "a version",
}
"""Modules that write to the terminal as it is."""


def texts_of(tree: ast.AST) -> list[str]:
    """The constant texts of a module that are no docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in alone]
    return [node.value for node in constants if isinstance(node.value, str)]


def escapes(source: str) -> set[str]:
    """What of another escaper code has."""
    tree = ast.parse(source)
    found = {what for what, pattern in GUARDED.items() if any(map(pattern.search, texts_of(tree)))}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=[ast.alias(name="html" | "xml.sax.saxutils")]):
                found.add("a library's escaper")
            case ast.ImportFrom(module="html" | "xml.sax.saxutils"):
                found.add("a library's escaper")
            case ast.Call(func=ast.Attribute(attr="replace"), args=[ast.Constant(value="|"), *_]):
                found.add("a bar that Markdown keeps")
    return found


def test_no_module_escapes_but_one() -> None:
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    found = {name for name, path in paths.items() if escapes(path.read_text(encoding="utf-8"))}
    assert found == {"escaping.py", *ELSEWHERE}


@pytest.mark.parametrize(
    "source",
    [
        'print(f"\\x1b[31m{text}")', "import html", "from html import escape", 'text.replace("<", "&lt;")',
        'text.replace("|", "\\\\|")', 'text.replace("\\n", "%0A")', 'f"&#{ord(sign)};"',
    ],
)  # fmt: skip
def test_another_escaper_is_recognised(source: str) -> None:
    assert escapes(source)


def test_commands_write_to_the_terminal_in_one_way() -> None:
    raw = {
        path.relative_to(PACKAGE).as_posix()
        for path in (PACKAGE / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("typer.echo", "typer.secho", "click.echo")
    }
    assert raw == ITS_OWN.keys()
