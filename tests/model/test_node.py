"""What constructing, comparing and showing a value does, and what it says of a wrong call."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashgen import Dashboard, Legend, Override, Panel, Query, Row, SpecError, Stat, Thresholds
from dashgen.model.core.node import shown
from dashgen.model.core.problems import Problem, Source, collecting
from dashgen.model.core.suggestions import listed, nearest_or_all

ANY: Any = Stat  # wrong calls that a type checker would refuse


def error(call: Any) -> str:
    with pytest.raises(SpecError) as raised:
        call()
    (problem,) = raised.value.problems
    assert problem.source is not None
    assert problem.source.file == __file__
    return f"{problem.path}: {problem.message}" + (f" | {problem.hint}" if problem.hint else "")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ANY("T", "Q", unti="ms"), "Stat 'T': has no field 'unti' | did you mean 'unit'?"),
        (lambda: ANY("T", "Q", 5, 6), "Stat 'T': takes 2 positional values (title, query), got 4"
         " | name the others; it has unit, decimals, min, max, display_name and 34 more"),
        (lambda: ANY("T", "Q", title="U"), "Stat: is given title twice | by position and by name"),
        (lambda: ANY(), "Stat: needs title | give title=…"),
        (lambda: Dashboard(uid="x"), "Dashboard 'x': needs title, rows | give title=…, rows=…"),  # type: ignore[call-arg]  # the mistake
        (lambda: ANY("T", "Q", decimals=True), "Stat 'T': decimals: expected a whole number from 0 to 15, got True"),
        (lambda: ANY("T", "Q", min=float("inf")), "Stat 'T': min: expected a finite number, got inf"
         " | whole ones up to 2^53"),
        (lambda: ANY("T", "Q", max=2**53 + 1), "Stat 'T': max: expected a finite number,"
         " got 9007199254740993 | whole ones up to 2^53"),
        (lambda: ANY("half \ud800", "Q"), "Stat 'half \\ud800': title: expected characters that UTF-8"
         " can say, got 'half \\ud800' with one at 5"),
        (lambda: ANY("", "Q"), "Stat: needs a title or a key"),
        (lambda: ANY("T", "Q", transparent=1), "Stat 'T': transparent: expected True or False, got 1"),
        (lambda: ANY("T", "Q", overrides="v"), "Stat 'T': overrides: expected a tuple, got 'v'"
         " | write (x,) for a tuple of one"),
        (lambda: ANY("T", "Q", overrides=(1, Override("v"), 2)), "Stat 'T': overrides: expected an Override each,"
         " got 1 at [0], 2 at [2]"),
        (lambda: ANY("T", "Q", color=5), "Stat 'T': color: expected a colour of Grafana's palette, got 5"
         " | names such as 'green', 'dark-red', or Hex('#ff8800')"),
        (lambda: ANY("T", "Q", options={"a": 2**60}), "Stat 'T': options: expected JSON data, got 1152921504606846976"
         " at a | texts, numbers, booleans, lists and dicts"),
        (lambda: ANY("T", "Q", options=5), "Stat 'T': options: expected a dict of JSON data, got 5"),
        (lambda: ANY("T", "Q", options=[1]), "Stat 'T': options: expected a dict of JSON data, got [1]"),
        (lambda: ANY("T", "Q", options={"a": "\ud800"}), "Stat 'T': options: expected JSON data, got '\\ud800' with"
         " one at 0 in a | texts, numbers, booleans, lists and dicts"),
        (lambda: ANY("T", "Q", calc="avg"), "and 119 more, got 'avg'"),
        (lambda: Thresholds("red", 5), "Thresholds: expected steps like (1, 'green'), got 5"),  # type: ignore[arg-type]  # the mistake
        (lambda: ANY("T", "Q", color_mode=True), "expected one of 'value', 'background', 'background_solid', 'none',"
         " got True"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_was_expected_and_what_came(call: Any, text: str) -> None:
    assert text in error(call)


def test_a_list_of_what_is_known_is_short() -> None:
    told = error(lambda: ANY("T", "Q", calc="lastNotNul"))
    assert "and " in told
    assert "more" in told
    assert told.endswith("did you mean 'lastNotNull'?")
    assert len(told) < 600


def test_values_are_compared_by_what_they_say() -> None:
    assert Stat("T", "Q") == Stat("T", Query("Q"))
    assert hash(Stat("T", "Q", options={"b": 1, "a": [1]})) == hash(Stat("T", "Q", options={"a": (1,), "b": 1}))
    assert Stat("T", "Q") != Stat("T", "Q", width=7)
    assert Stat("T", "Q") != Panel("stat", "T", "Q")
    assert len({Legend(), Legend("list"), Legend("table")}) == 2


def test_a_value_shows_what_was_given() -> None:
    assert repr(Row("Now", (), collapsed=True)) == "Row(title='Now', collapsed=True)"
    assert repr(Thresholds("red", (1, "green"))) == "Thresholds(base='red', steps=((1, 'green'),))"


def test_a_value_is_frozen() -> None:
    stat = Stat("T", "Q")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'title'"):
        stat.title = "U"  # type: ignore[misc]  # the mistake
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'new'"):
        stat.new = 1
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'title'"):
        del stat.title
    assert stat.title == "T"


def test_a_value_knows_where_it_was_written() -> None:
    source = Stat("T", "Q").source
    assert source is not None
    assert (source.file, Path(__file__).read_text().splitlines()[source.line - 1].strip()) == (
        __file__, 'source = Stat("T", "Q").source'
    )  # fmt: skip


def test_a_load_gathers_and_goes_on(tmp_path: Path) -> None:
    with collecting(tmp_path) as collector:
        panel = ANY("T", 5, unit="msec", width=99)
        assert (panel.unit, panel.width, len(panel.queries)) == (None, 6, 1)
        assert Dashboard(uid="x", title="X", rows=(Row("a"), 5)).rows == (Row("a"),)  # type: ignore[arg-type]  # the mistake
    assert [p.message.split(":")[0] for p in collector.problems] == ["query", "unit", "width", "rows"]


def test_what_an_error_shows_is_short_and_the_same_in_every_run() -> None:
    assert shown(object()) == "<object object>"
    assert shown("x" * 200) == "'" + "x" * 76 + "..."
    assert shown(Stat) == "Stat"
    assert shown(Stat("A title", "SELECT " + "x" * 100)) == "a Stat 'A title'"


def test_a_problem_reads_as_one_line(tmp_path: Path) -> None:
    problem = Problem("x › A", "is wrong", "mend it", Source("/a/specs/x.py", 3))
    assert str(problem) == "/a/specs/x.py:3: x › A: is wrong (mend it)"
    assert str(problem.at("y")) == "/a/specs/x.py:3: y: is wrong (mend it)"
    assert Source(str(tmp_path / "specs" / "a.py"), 2).relative_to(tmp_path) == "specs/a.py:2"
    assert Source("/elsewhere/a.py", 2).relative_to(tmp_path) == "/elsewhere/a.py:2"


def test_a_panel_is_found_by_its_key() -> None:
    board = Dashboard(uid="x", title="X", rows=(Row("", (Stat("A", "Q", key="a"), Stat("B", "Q"))),))
    assert board["a"].called() == "x['a']"
    with pytest.raises(KeyError, match="'X' has no panel of key 'c'; it has a, b"):
        board["c"]
    assert "has no explicit key | a reference by its title would break with it: give it key='b'" in error(
        lambda: board["b"]
    )


def test_dataclasses_can_replace_what_was_given() -> None:
    stat = Stat("T", "Q", unit="ms")
    assert dataclasses.replace(stat, unit="s", width=7) == Stat("T", "Q", unit="s", width=7)
    assert {"title", "unit", "kind", "source"} <= {f.name for f in dataclasses.fields(stat)}


def test_importing_a_panel_does_not_import_what_it_does_not_need() -> None:
    code = "import sys; from dashgen import TimeSeries; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert not {"dataclasses", "inspect", "difflib", "typer", "yaml", "pydantic"}.intersection(loaded)


@pytest.mark.parametrize(
    ("names", "word", "told"),
    [
        ([], "", "none"),
        (["b", "a"], "", "b, a"),
        (list("abcde"), "z", "a, b, c, d, e"),
        ([f"n{i:02}" for i in range(17)], "", "n00, n01, n02, n03, n04 and 12 more"),
        ([*"abcdegh", "for_duration"], "for_", "for_duration, a, b, c, d and 3 more"),
        (["a", "a", "b"], "", "a, b"),
    ],
)
def test_no_list_of_choices_is_long(names: list[str], word: str, told: str) -> None:
    assert listed(names, word) == told


def test_what_is_near_or_what_there_is() -> None:
    assert nearest_or_all("hots", ["host", "env"]) == "did you mean 'host'?"
    assert nearest_or_all("ok", ["OK", "Alerting"]) == "did you mean 'OK'?"
    assert nearest_or_all("zzz", ["host", "env"], "it has") == "it has env, host"
    assert nearest_or_all("zzz", []) == "there are none"
