"""Pitfalls of f-strings, whose braces are also Grafana's: each is an error with its place, and what to write."""

# ruff: noqa: E501 - a mistake reads best in one line
from __future__ import annotations

from pathlib import Path

import pytest

from dashgen import QueryVariable
from dashgen.loading.fstrings import braced
from dashgen.loading.load import load
from dashgen.project_checks import check
from tests.scratch import specs

HEAD = """\
from dashgen import *
from specs.more import *

SENSORS = "('a', 'b')"
COUNT = 3
ENV = EnvironmentVariable("env")
TRUCK = QueryVariable("truck", "SELECT DISTINCT truck FROM trucks", multi=True)
BUCKET = IntervalVariable("bucket", ("1m", "5m"))


def board(*panels, **fields):
    return Dashboard(uid="x", title="X", variables=(ENV, TRUCK, BUCKET), rows=(Row("Now", panels),), **fields)


"""
MORE = "HELPED = 'a'\n\n\ndef helper(x):\n    return x\n"
TAIL = 'PROJECT = Project(environments=(Environment("prod"),), dashboards=(BOARD,))\n'


def told(folder: Path, text: str, more: str = MORE) -> list[str]:
    """Problems of loading and of the whole, as `text from the place on … message | hint`."""
    loaded = load(specs(folder, text, {"more.py": more}, head=HEAD))
    found = (*loaded.problems, *(check(loaded.project) if loaded.project else ()))
    out = []
    for p in found:
        assert p.source is not None, p
        line = Path(p.source.file).read_text().split("\n")[p.source.line - 1]
        assert p.source.column, p
        out.append(f"{line[p.source.column - 1 :][:12]} … {p.message}" + (f" | {p.hint}" if p.hint else ""))
    return out


def panel(sql: str) -> str:
    return f'BOARD = board(Stat("A", {sql}, description="d"))\n{TAIL}'


NO_F = "stands in a string without the prefix f"
FORGOTTEN = {
    "a constant": ('"SELECT v FROM t WHERE s IN {SENSORS}"', "{SENSORS}", "{SENSORS}"),
    "a call": ("'SELECT v FROM t WHERE {ENV.matches(\"env\")}'", '{ENV.matches("', '{ENV.matches("env")}'),
    "a helper of another module": ('"SELECT v FROM t WHERE {helper(SENSORS)}"', "{helper(SENS", "{helper(SENSORS)}"),
    "a format": ('"SELECT v FROM t LIMIT {COUNT:03d}"', "{COUNT:03d}", "{COUNT:03d}"),
    "a conversion": ('"SELECT v FROM t WHERE s = {HELPED!r}"', "{HELPED!r}", "{HELPED!r}"),
    "an index": ('"SELECT v FROM t WHERE s = {SENSORS[0]}"', "{SENSORS[0]}", "{SENSORS[0]}"),
    "a sum": ('"SELECT v FROM t LIMIT {COUNT + 1}"', "{COUNT + 1}", "{COUNT + 1}"),
    "a piece of several": ('f"SELECT v FROM t LIMIT {COUNT}" " OFFSET {COUNT}"', '{COUNT}", de', "{COUNT}"),
    "joined by +": ('"SELECT v FROM t WHERE s IN {SENSORS} " + "LIMIT 5"', "{SENSORS} \" ", "{SENSORS}"),
    "dedented": ('"""\\n   SELECT v FROM t\\n   WHERE s IN {SENSORS}""".replace("  ", "")', "{SENSORS}\"\"", "{SENSORS}"),
    "in a Query": ('Query("SELECT v FROM t WHERE s IN {SENSORS}", name="q")', "{SENSORS}", "{SENSORS}"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_forgotten_f_in_sql(tmp_path: Path, name: str) -> None:
    sql, place, said = FORGOTTEN[name]
    (found,) = told(tmp_path, panel(sql))
    assert found.startswith(place[:12])
    assert f'sql: {said} {NO_F} | put an f before the quotes: f"…{said}…"' in found


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ('Stat("Of {COUNT}", "SELECT 1", description="d")', "title"),
        ('Stat("A", "SELECT 1", description="of {SENSORS}")', "description"),
        ('Text("A", content="# {SENSORS}")', "content"),
        ('Stat("A", "SELECT 1", description="d", links=(Link("a", url="/d/{HELPED}"),))', "url"),
        ('Stat("A", "SELECT 1", description="d", options={"text": {"titleSize": "{COUNT}"}})', "options.text"),
        ('Stat("A", "SELECT 1", description="d", data_links=(DataLink("a", url="/", variables={"v": "{COUNT}"}),))',
         "variables.v"),
    ],
)  # fmt: skip
def test_a_forgotten_f_in_any_text(tmp_path: Path, call: str, field: str) -> None:
    (found,) = told(tmp_path, f"BOARD = board({call})\n{TAIL}")
    assert found.startswith("{")
    assert f"{field}: {{" in found
    assert NO_F in found


def test_a_forgotten_f_in_an_alert_rule_and_in_a_helper(tmp_path: Path) -> None:
    helper = "from dashgen import Stat\n\n\ndef made(column):\n    return Stat('A', 'SELECT {column} FROM t', description='d')\n"
    rule = 'AlertRule(uid="r", title="R", query="SELECT 1 AS v", threshold=1, severity="critical", labels={"s": "{SENSORS}"})'
    group = f'AlertGroup("g", folder="f", interval="1m", rules=({rule},))'
    text = f'BOARD = board(made("v"))\n{TAIL}'.replace("dashboards=", f"alerts=({group},), dashboards=")
    found = told(tmp_path, text, helper)
    assert [f"labels.s: {{SENSORS}} {NO_F}" in f or f"sql: {{column}} {NO_F}" in f for f in found] == [True, True]


def test_one_string_is_one_error(tmp_path: Path) -> None:
    text = 'SQL = "SELECT {COUNT} FROM t WHERE s IN {SENSORS} AND x = ${truck:sqlstring}"\n'
    panels = ", ".join(f'Stat("{title}", SQL, description="d")' for title in "ABC")
    (found,) = told(tmp_path, f"{text}BOARD = board({panels})\n{TAIL}")
    assert "{COUNT}, {SENSORS} stand in a string without the prefix f" in found
    assert found.endswith("Grafana's own braces are then doubled: ${{truck:sqlstring}}")


MEANT = (
    "${truck:sqlstring} {{ $labels.host }} {{SENSORS}} {3} {1,3} {unknown} {a, b} {'a': 1} {\"a\": [1]} {} { } {color:red}"
    ' {env="$env"} {{ template "x" . }} {COUNT, SENSORS} ${__data.fields.host} [0-9]{2} {len} {print()}'
)


def test_braces_that_are_meant_are_no_mistake(tmp_path: Path) -> None:
    text = f'BOARD = board(Text("A", content={MEANT!r}), Text("B", content=f"a {{{{SENSORS}}}} b {{COUNT}} c d e f"))\n{TAIL}'
    unknown = [f for f in told(tmp_path, text) if "is not a variable" not in f]
    assert unknown == []


def test_what_could_be_a_replacement() -> None:
    assert list(braced(MEANT)) == ["{unknown}", "{color:red}", "{len}", "{print()}"]
    assert list(braced("{a} {b.c} {d(e)[f]} {g!r:>{h}} {i}}")) == ["{a}", "{b.c}", "{d(e)[f]}", "{g!r:>{h}}"]
    assert list(braced("{" * 50 + "a" + "{x")) == []


MATCHES = 'write {TRUCK.matches("column")}; for its value ${{truck}}, with two braces in an f-string'


@pytest.mark.parametrize(
    "text",
    [
        'f"SELECT v FROM t WHERE {TRUCK}"',
        '"SELECT v FROM t WHERE " + str(TRUCK)',
        '"SELECT v FROM t WHERE %s" % TRUCK',
        '"SELECT v FROM t WHERE {}".format(TRUCK)',
        '"SELECT v FROM t WHERE " + TRUCK',
        'TRUCK + "SELECT v FROM t WHERE "',
        'f"{TRUCK:>20} SELECT 1"',
    ],
)
def test_an_object_in_a_text(tmp_path: Path, text: str) -> None:
    (found,) = told(tmp_path, panel(text))
    assert "is formatted into a text" in found
    assert "where a QueryVariable is only its repr | write {TRUCK.matches(" in found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('Stat(f"T {BUCKET}", "SELECT 1", description="d")', "write ${{bucket}}, with two braces in an f-string"),
        ('Text("A", content=f"# {ENV}")', 'write {ENV.matches("column")}; for its value ${{env}}'),
        (
            'Text("A", content=f"# {OTHER}")',
            "write {OTHER.uid} for its uid; a link takes the object itself: dashboard=…",
        ),
        ('Text("A", content=f"# {OTHER[\'a\']}")', "write {….key} for its key"),
        (
            'Stat("A", "SELECT 1", description="d", links=(Link("a", url=f"/d/{OTHER}"),))',
            "write {OTHER.uid} for its uid",
        ),
        ('Text("A", content=f"# {QUERY}")', "write {QUERY.sql} for its SQL"),
        ('Stat("A", "SELECT 1", key=f"{TRUCK}", description="d")', 'write {TRUCK.matches("column")}'),
    ],
)
def test_any_object_in_any_text(tmp_path: Path, text: str, hint: str) -> None:
    more = (
        'OTHER = Dashboard(uid="o", title="O", rows=(Row("R", (Stat("A", "SELECT 1", key="a", description="d"),)),))\n'
    )
    more += 'QUERY = Query("SELECT 1", name="q")\n'
    (found,) = told(tmp_path, f"{more}BOARD = board({text})\n{TAIL}".replace("(BOARD,)", "(BOARD, OTHER)"))
    assert f"is only its repr | {hint}" in found


@pytest.mark.parametrize(
    ("text", "repr_of", "hint"),
    [
        ("{TRUCK.matches}", "<bound method Choice.matches of", "call it"),
        ("{helper}", "<function helper at 0x", "call it"),
        ("{len}", "<built-in function len", "call it"),
        (
            "{Query}",
            "<class 'dashgen.model.dashboards.query.Query'>",
            "of a table's class take its name: table_of(CLASS).name",
        ),
        ("{(x for x in SENSORS)}", "<generator object", "join its values"),
        ("{TRUCK!r}", "QueryVariable(name='", "its name, title, uid or SQL"),
    ],
)
def test_a_repr_in_a_text(tmp_path: Path, text: str, repr_of: str, hint: str) -> None:
    (found,) = told(tmp_path, panel(f'f"SELECT v FROM t WHERE {text}"'))
    assert found.startswith(text[:12])
    assert "sql: has the repr of an object in it: " in found
    assert repr_of in found
    assert hint in found


def test_html_is_no_repr(tmp_path: Path) -> None:
    content = "<div class='a'> <b>module 'x'</b> <a href='/'>f(title='x')</a> a < b"
    assert told(tmp_path, f'BOARD = board(Text("A", content="{content}", mode="html"))\n{TAIL}') == []


DOLLAR = {
    "an unknown name": ('f"SELECT v FROM t WHERE x = ${lorry:sqlstring}"', ["${lorry:sqlstring}"], "${{lorry:sqlstring}}"),
    "one of a variable": ('f"SELECT ${truck}"', ["${truck}"], '${{truck}}, or better {TRUCK.matches("column")}'),
    "Grafana's own": ('f"SELECT ${__from:date:iso}"', ["${__from:date:iso}"], "${{__from:date:iso}}"),
    "a path": ('f"SELECT ${__data.fields.host}"', ["${__data.fields.host}"], "${{__data.fields.host}}"),
    "a name that Python knows": ('f"SELECT ${HELPED:sqlstring}"', ["${HELPED:sqlstring}"], "${{HELPED:sqlstring}}"),
    "a module": ('f"SELECT ${sys:csv}" if (sys := __import__("sys")) else ""', ["${sys:csv}"], "${{sys:csv}}"),
    "a dollar before it": ('f"SELECT $${lorry}"', ["${lorry}"], "${{lorry}}"),
    "several": ('f"SELECT ${a}, ${b:csv}, {COUNT}"', ["${a}", "${b:csv}"], "${{a}}"),
    "on a later line": ('f"""SELECT v\n  FROM t WHERE x = ${lorry:raw}"""', ["${lorry:raw}"], "${{lorry:raw}}"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOLLAR)
def test_a_variable_of_grafana_in_an_f_string(tmp_path: Path, name: str) -> None:
    text, places, hint = DOLLAR[name]
    found = told(tmp_path, panel(text))
    for one, place in zip(found, places, strict=True):
        assert one.startswith(place[:12])
        assert f"… {place} stands in an f-string, where Python replaces {place[1:]} | write " in one
    assert f"| write {hint}" in found[0]


def test_a_value_that_python_put_in_silently(tmp_path: Path) -> None:
    (found,) = told(tmp_path, panel('f"SELECT v FROM t WHERE x = ${HELPED}"'))
    assert found.startswith("${HELPED}")
    assert "the SQL uses $a, which is not a variable of this dashboard | ${HELPED} stands in an f-string, where Python puts"
    assert found.endswith("a value in: write ${{HELPED}}")


def test_a_name_that_is_put_together_is_a_variable(tmp_path: Path) -> None:
    assert told(tmp_path, panel('f"SELECT v FROM t WHERE x IN (${TRUCK.name})"')) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('f"SELECT ${truck:sqlstring"', "in an f-string Grafana's braces are doubled: ${{name:sqlstring}}"),
        ('f"SELECT ${}"', "in an f-string Grafana's braces are doubled: ${{name:sqlstring}}"),
        ('f\'{{"a": 1}} {"a": 1}\'', "in an f-string braces of the text itself are doubled: {{ }}"),
        ('", ".join([TRUCK])', "a QueryVariable is not a string: join its members"),
    ],
)
def test_what_python_can_not_read(tmp_path: Path, text: str, hint: str) -> None:
    (found,) = told(tmp_path, panel(text))
    assert found.endswith(f" | {hint}")


@pytest.mark.parametrize(("text", "said"), [(r"\\d{3}", "{3}"), ("[a-z]{1,3}", "{1,3}"), (".{2}x", "{2}")])
def test_a_quantifier_in_an_f_string(tmp_path: Path, text: str, said: str) -> None:
    (found,) = told(tmp_path, panel(f"f\"SELECT v FROM t WHERE x ~ '{text}' LIMIT {{COUNT}}\""))
    assert found.startswith(said)
    assert f"{said} stands in an f-string, where Python makes {said[1:-1]} of it" in found
    assert told(tmp_path, panel(f"\"SELECT v FROM t WHERE x ~ '{text}' \"")) == []


@pytest.mark.parametrize("text", ["{{ $labels.host }}", "{{ $values.A }}", "{{ .Labels.host }}"])
def test_a_go_template_in_an_f_string(tmp_path: Path, text: str) -> None:
    rule = (
        f'AlertRule(uid="r", title="R", query="SELECT 1 AS v", threshold=1, severity="critical", summary=f"on {text}")'
    )
    group = f'AlertGroup("g", folder="f", interval="1m", rules=({rule},))'
    found = told(tmp_path, f"BOARD = board()\n{TAIL}".replace("dashboards=", f"alerts=({group},), dashboards="))
    single = text[1:-1]
    assert f"summary: '{single}' is not a Go template: those have two braces | write {text};" in found[0]
    assert f"{{{{{text}}}}}" in found[0]


def test_matches_takes_a_column(tmp_path: Path) -> None:
    (found,) = told(tmp_path, panel('f"SELECT v FROM t WHERE {TRUCK.matches(TRUCK)}"'))
    assert found.startswith(("TRUCK.matche", 'f"SELECT v'))
    assert "matches: expected the name of a column, got a QueryVariable 'truck' | write .matches" in found


def test_outside_a_load_an_object_shows_itself() -> None:
    truck = QueryVariable("truck", "SELECT 1")
    assert str(truck) == f"{truck}" == "%s" % (truck,) == repr(truck)  # noqa: UP031  # one of the ways
    with pytest.raises(TypeError):
        "a" + truck  # type: ignore[operator]  # the mistake
