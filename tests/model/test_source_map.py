"""Places of Python declarations: § stands in a spec where its error must be said to be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dashgen.loading.load import load
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.problems import Call, Source, SpecError, here
from dashgen.project_checks import check
from tests.scratch import specs

HEAD = "from dashgen import *\nfrom dataclasses import replace\nQ = 'SELECT 1'\n"
RULE = "AlertRule(uid='r', title='R', query=Q, threshold=1, severity='info', {})"
IN = "PROJECT = Project(environments=(Environment('p'),), alerts=(AlertGroup('g', folder='f', rules=({},)),))"
CASES = {
    "an argument": ("X = Stat('A', Q, §unit='msec')", "unit"),
    "one on a line of its own": ("X = Stat(\n    'A',\n    Q,\n    §unit='msec',\n)", "unit"),
    "behind characters that take several bytes": ("X = Stat('Täglich 📈 €', Q, §unit='msec')", "unit"),
    "of a tab's width one": ("if True:\n\tX = Stat('A', Q, §unit='msec')", "unit"),
    "by position": ("X = Stat('A', §5)", "query"),
    "by position, several of which are one field": ("X = Thresholds('green', §(5, 'red'), (1, 'red'))", "steps must"),
    "by position, in a call of a module's attribute": ("import dashgen\nX = dashgen.Stat('A', §5)", "query"),
    "by position, of a module by another name": ("import dashgen as d\nX = d.Stat('A', §5)", "query"),
    "by position, of a class by another name": ("from dashgen import Stat as S\nX = S('A', §5)", "query"),
    "by position, of a class by a name of one's own": ("Big = Stat\nX = Big('A', §5)", "query"),
    "by position, of a class that a function imports": (
        "def one():\n    from dashgen import Stat as S\n    return S('A', §5)\nX = one()", "query",
    ),
    "by position, of a class in another of one's own": (
        "class kinds:\n    Big = Stat\nX = kinds.Big('A', §5)", "query",
    ),
    "by position, of a class of one's own": ("class Big(Stat):\n    pass\nX = Big('A', §5)", "query"),
    "an argument that no field takes": ("X = Stat('A', Q, §unti='ms')", "has no field"),
    "an argument given twice": ("X = Stat('A', Q, §title='B')", "is given title"),
    "what is not there": ("X = §Stat(unit='ms')", "needs title"),
    "more than there is a place for": ("X = §Stat('A', Q, 3)", "takes 2 positional"),
    "the inner of two calls": ("X = Row('', (Stat('A', Q),\n  Stat('B', Q, §width=99)))", "width"),
    "the outer of two calls": ("X = Row(§5, (Stat('A', Q), Stat('B', Q)))", "title"),
    "a text that becomes a query": ("X = Stat('A', §'  ')", "query"),
    "a query": ("X = Stat('A', Query(§'  '))", "sql"),
    "given by another mapping": ("G = {'unit': 'msec'}\nX = §Stat('A', Q, **G)", "unit"),
    "behind positions that are not told": ("A = ('A', 5)\nX = §Stat(*A)", "query"),
    "replaced": ("A = Stat('A', Q)\nX = replace(A, §unit='msec')", "unit"),
    "in a function of the specs": ("def one(unit):\n    return Stat('A', Q, §unit=unit)\nX = one('msec')", "unit"),
    "in a comprehension": ("X = [Stat('A', Q, §unit=u) for u in ('ms', 'msec')]", "unit"),
    "in a lambda": ("X = (lambda: Stat('A', Q, §width=0))()", "width"),
    "a reference": ("D = Dashboard(uid='d', title='D', rows=(Row('', (Stat('A', Q),)),))\nX = §D['a']", "the panel"),
    "two fields that disagree": ("X = " + RULE.format("§nulls='replace'"), "replace_with belongs"),
    "two fields that can't be both": ("X = " + RULE.format("§math='$A', expressions=(Threshold('A', 1),)"), "has both"),
    "an entry of a mapping": ("X = " + RULE.format("annotations={'a': 'b', §'summary': 'c'}"), "annotations"),
    "a table": (
        "from dashgen.model.tables.table import *\n@table(name='t', §ttl='soon')\nclass T:\n    pass",
        "expected a number and",
    ),
}  # fmt: skip
CHECKED = {
    "an argument": (IN.format(RULE.format("§channels=('nobody',)")), "channels"),
    "a template": (IN.format(RULE.format("summary='{{ §.Nope }}'")), "summary"),
    "a template of a label": (IN.format(RULE.format("labels={'a': 'b', 'team': '{{ §nope }}'}")), "labels.team"),
    "a template of a label of another's making": (
        "nope = '{{ nope }}'\n" + IN.format(RULE.format("labels={'a': 'b', §'team': nope}")), "labels.team",
    ),
    "a label of another's making": (
        "L = {'team': '{{ nope }}'}\n" + IN.format(RULE.format("§labels=L")), "labels.team",
    ),
    "SQL": (IN.format(RULE.format("").replace("query=Q", "query='SELECT §$__interval'")), "the SQL uses"),
    "SQL of another's making": (
        "S = \'\'\'\nSELECT max(value)\nFROM t WHERE t > §$__interval\'\'\'\n"
        + IN.format(RULE.format("").replace("=Q", "=S")),
        "the SQL uses",
    ),
    "SQL of a query": (
        IN.format(RULE.format("").replace("query=Q", "query=Query('SELECT §$__interval')")), "the SQL uses",
    ),
    "a uid that is not the only one": (
        IN.format(RULE.format("") + ",\n" + RULE.format("").replace("'R'", "'S'").replace("uid", "§uid")),
        "another rule",
    ),
    "a message template": (
        "P = Template('page', \'\'\'{{ define \"page\" }}\n  {{ template §\"nope\" . }}{{ end }}\'\'\')\n"
        "PROJECT = Project(environments=(Environment('p'),), templates=(P,))",
        "text: template \"nope\" not defined",
    ),
    "a receiver's message": (
        "P = ContactPoint('p', (Telegram('t', message='{{ §nope }}'),))\n"
        "PROJECT = Project(environments=(Environment('p'),), contact_points=(P,))",
        "message: function \"nope\" not defined",
    ),
    "what lacks rules": (IN.replace("AlertGroup", "§AlertGroup").replace("({},)", "()"), "has no rules"),
}  # fmt: skip


def place(marked: str) -> tuple[int, int]:
    before = (HEAD + marked).partition("§")[0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_a_value_has_the_place_of_what_was_given(tmp_path: Path, case: str) -> None:
    marked, begins = CASES[case]
    loaded = load(
        specs(tmp_path, marked.replace("§", "") + "\nPROJECT = Project(environments=(Environment('p'),))", head=HEAD)
    )
    found = [p for p in loaded.problems if p.message.startswith(begins)]
    assert found, loaded.problems
    assert found[0].source is not None
    assert found[0].source.place == (str(tmp_path / "specs" / "__init__.py"), *place(marked))


@pytest.mark.parametrize("case", CHECKED)
def test_what_only_shows_over_the_whole_project_has_it_too(tmp_path: Path, case: str) -> None:
    marked, begins = CHECKED[case]
    loaded = load(specs(tmp_path, marked.replace("§", ""), head=HEAD))
    assert loaded.project is not None, loaded.problems
    found = [p for p in check(loaded.project) if p.message.startswith(begins)]
    assert found
    assert found[0].source is not None
    assert found[0].source.place == (str(tmp_path / "specs" / "__init__.py"), *place(marked))


def test_a_column_of_a_table_has_its_line(tmp_path: Path) -> None:
    marked = "@table(name='t', dedup=('at',))\nclass T:\n    at: Annotated[datetime, Designated()]\n    §n: complex\n"
    head = (
        HEAD + "from datetime import datetime\nfrom typing import Annotated\nfrom dashgen.model.tables.table import *\n"
    )
    loaded = load(
        specs(tmp_path, marked.replace("§", "") + "PROJECT = Project(environments=(Environment('p'),))", head=head)
    )
    (problem,) = loaded.problems
    assert problem.path == "t › n"
    assert problem.source is not None
    assert problem.source.place[1:] == (head.count("\n") + 4, 5)


def test_an_error_outside_a_load_has_its_place_as_well() -> None:
    with pytest.raises(SpecError) as caught:
        AlertRule(uid="r", title="R", query="SELECT 1", threshold="x", severity="info")  # type: ignore[arg-type]  # the mistake
    source = caught.value.problems[0].source
    assert source is not None
    line = Path(__file__).read_text().splitlines()[source.line - 1]
    assert line[source.column - 1 :].startswith('threshold="x"')


def test_where_python_keeps_no_columns_a_place_is_that_of_the_line(tmp_path: Path) -> None:
    root = specs(tmp_path, "if True:\n    X = Stat('A', Q, unit='msec')\n", head=HEAD)
    imports = "from pathlib import Path\nfrom dashgen.project_checks import load\n"
    script = f"{imports}print(load(Path({str(root)!r})).problems[1].source)"
    ran = subprocess.run(
        [sys.executable, "-X", "no_debug_ranges", "-B", "-c", script], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{root / '__init__.py'}:5:5\n"


def test_a_file_that_changed_meanwhile_or_is_gone_is_no_failure(tmp_path: Path) -> None:
    code = compile("def f(here):\n    return here()\n", str(tmp_path / "gone.py"), "exec")
    names: dict[str, object] = {}
    exec(code, names)
    source = names["f"](here)  # type: ignore[operator]  # what was just defined
    assert (source.line, source.column, source.argument("x").place) == (2, 12, source.place)
    (tmp_path / "gone.py").write_text("(")
    assert Call(source.code, source.instruction).argument("x") == source


def test_places_compare_by_what_they_say() -> None:
    first, second = [here() for _ in range(2)]
    assert first is not None
    assert first == second
    assert first == Source(*first.place)
    assert len({first, second, Source(*first.place)}) == 1
    assert repr(Source("a.py", 1, 2)) == "Source('a.py', 1, 2)"
    assert str(Source("a.py", 1, 2)) == "a.py:1:2"
