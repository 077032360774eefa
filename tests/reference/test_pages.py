"""The reference is complete, its pages are as they would be made, its examples run, its defaults are the real ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import dashgen
from dashgen.model.core.documentation import (
    FieldDoc,
    alias_sentence,
    field_docs,
    is_declared,
    parameter_docs,
    plain_doc,
)
from dashgen.model.core.fields import MISSING, fields
from dashgen.model.core.node import Node
from dashgen.model.core.validators import Items
from dashgen.model.tables import row_constraints
from dashgen.reference.__main__ import FOLDER
from dashgen.reference.contents import METHODS, entries
from dashgen.reference.pages import documents, shown_default

ENTRIES = entries()
BY_NAME = {entry.name: entry for entry in ENTRIES}


class Told(NamedTuple):
    """A sentence of the reference, and what it is about."""

    about: str
    name: str
    text: str
    cls: object
    doc: FieldDoc | None = None


def told() -> Iterator[Told]:
    """The sentences of every class, function, method, field and parameter."""
    for entry in ENTRIES:
        value: Any = entry.value
        if entry.is_alias:
            yield Told(entry.name, entry.name, alias_sentence(dashgen.MODULES[entry.name], entry.name), value)
            continue
        yield Told(
            entry.name, entry.name, (plain_doc(value) if isinstance(value, type) else value.__doc__) or "", value
        )
        docs: tuple[FieldDoc, ...] = ()
        if isinstance(value, type) and is_declared(value):
            docs = tuple(doc for doc in field_docs(value) if doc.owner in (value, None))
        elif not isinstance(value, type) or entry.name == "Ingest":
            docs = tuple(parameter_docs(value))
        for doc in docs:
            yield Told(f"{entry.name}.{doc.name}", doc.name, doc.sentence, value, doc)
        for name in METHODS.get(entry.name, ()):
            method = getattr(value, name)
            yield Told(f"{entry.name}.{name}", name, method.__doc__ or "", value)
            for doc in parameter_docs(method):
                yield Told(f"{entry.name}.{name}({doc.name})", doc.name, doc.sentence, method, doc)


TOLD = tuple(told())


def test_every_export_has_an_entry() -> None:
    assert sorted(entry.name for entry in ENTRIES) == sorted(dashgen.MODULES), (
        "list it in dashgen/reference/contents.py"
    )


def test_every_field_that_can_be_given_is_documented_once() -> None:
    """Of the 764 fields of the exported classes and those that the markers of tables have."""
    told = [t.about for t in TOLD]
    assert len(told) == len(set(told))
    for entry in ENTRIES:
        if isinstance(entry.value, type) and issubclass(entry.value, Node):
            for name, field in fields(entry.value).items():
                owners = [base.__name__ for base in entry.value.__mro__ if f"{base.__name__}.{name}" in told]
                assert not field.init or owners, f"{entry.name}.{name}"


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.about)
def test_each_has_a_sentence_that_says_more_than_its_name(one: Told) -> None:
    first = one.text.partition("\n\n")[0]
    assert first, f"{one.about}: say what it does, in a string below the field, or under Args: for a parameter"
    assert first.strip().endswith((".", ":", "`")), first
    words = {word.lower() for word in re.findall(r"[A-Za-z]{2,}", first)}
    assert len(words - set(one.name.lower().split("_")) - {"the", "of", "an", "its"}) >= 3, first


def test_a_sentence_that_says_nothing_is_noticed() -> None:
    for text in ("", "The line width.", "Width of the line."):
        with pytest.raises(AssertionError):
            test_each_has_a_sentence_that_says_more_than_its_name(Told("X.line_width", "line_width", text, None))


def test_the_committed_pages_are_as_they_would_be_made() -> None:
    made = documents()
    committed = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    assert committed.keys() == made.keys(), "run: make generated"
    for name, text in made.items():
        assert committed[name] == text, f"{name}: run: make generated"


def test_links_lead_somewhere() -> None:
    pages = documents()
    anchors = {
        name: {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines()
               if line.startswith("#")}
        for name, text in pages.items()
    }  # fmt: skip
    found = 0
    for name, text in pages.items():
        for page, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
            if page.startswith("../"):
                assert (FOLDER / page).exists(), page
            else:
                assert not anchor or anchor in anchors[page or name], f"{name}: {page}#{anchor}"
                found += 1
    assert found > 200


def vocabulary() -> dict[str, Any]:
    """What examples may name: all that is documented, and what stands for things of a spec."""
    dashgen_names = {entry.name: entry.value for entry in ENTRIES}
    state = dashgen.Stat("State", "SELECT 1 AS up", key="state")
    return {
        **dashgen_names,
        "SQL": "SELECT host, age FROM daemon_metrics",
        "STATE": state,
        "HEALTH": dashgen.Dashboard(uid="daemon-health", title="Daemon health", rows=(dashgen.Row("Now", (state,)),)),
        "CRITICAL": dashgen.Match("severity", "=", "critical"),
        "HOST": dashgen.QueryVariable("host", "SELECT 1", include_all=True),
        "DOWN": dashgen.AlertRule(uid="down", title="Down", query="SELECT 1 AS x", threshold=1, severity="info"),
        "DAEMONS": dashgen.AlertGroup("daemons", folder="Alerts"),
        "Annotated": __import__("typing").Annotated,
        "datetime": datetime,
    }


class Example(NamedTuple):
    about: str
    code: str
    tree: ast.expr | ast.keyword
    told: Told


def examples() -> Iterator[Example]:
    """The code in sentences that is Python: calls of what is documented, and `field=value`."""
    for one in TOLD:
        text = " ".join(one.text.split())
        for code in re.findall(r"`([^`]+)`", text):
            try:
                (call,) = (ast.parse(f"f({code})", mode="eval").body,)
            except SyntaxError:
                continue
            assert isinstance(call, ast.Call)
            for part in call.keywords:
                if one.doc is not None and part.arg == one.name:
                    yield Example(f"{one.about}: {code}", code, part, one)
            for value in call.args:
                if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in BY_NAME:
                    yield Example(f"{one.about}: {code}", code, value, one)


EXAMPLES = tuple(examples())
NOT_RUN = {
    "Ingest",
    "yaml_rules",
    "unchecked",
    "validate_rows",
    "table",
    "fixture_of",
    "check_session",
    "EmbeddedQuestDB",
}
"""Calls that need a server, files or a table: the guides' tests run those."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.about)
def test_examples_run(example: Example) -> None:
    if isinstance(example.tree, ast.Call):
        if ast.unparse(example.tree.func) not in NOT_RUN:
            eval(compile(ast.Expression(example.tree), example.about, "eval"), vocabulary())
        return
    assert isinstance(example.tree, ast.keyword)
    value = eval(compile(ast.Expression(example.tree.value), example.about, "eval"), vocabulary())
    cls = example.told.cls
    if isinstance(cls, type) and issubclass(cls, Node):
        check = fields(cls)[example.told.name].check
        assert check is not None
        kept = check(value)
        assert kept is not None
        assert example.told.doc is not None
        assert value != example.told.doc.default or example.told.doc.default == "${QUESTDB_PASSWORD}", "is the default"


def test_there_are_many_examples() -> None:
    assert len(EXAMPLES) > 180
    assert sum(isinstance(example.tree, ast.Call) for example in EXAMPLES) > 60


def test_a_wrong_example_is_noticed() -> None:
    """As many mistakes as there are ways to make one: a wrong field, a wrong value, a wrong call."""
    unit = next(one for one in TOLD if one.about == "FieldOptions.unit")
    for code in ('unit="msec"', "unit=5", 'Stat("T", SQL, unti="ms")'):
        (call,) = [ast.parse(f"f({code})", mode="eval").body]
        assert isinstance(call, ast.Call)
        part = call.keywords[0] if call.keywords else call.args[0]
        with pytest.raises(Exception, match=r"unit|unti|Grafana"):
            test_examples_run(Example("", code, part, unit))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Class, field, default and type of every row of the pages."""
    for text in documents().values():
        heading = ""
        for line in text.splitlines():
            if line.startswith("#"):
                heading = line.removeprefix("## ")
            cells = re.split(r"(?<!\\) \| ", line.strip("| "))
            if len(cells) == 4 and cells[0].startswith("`") and heading in BY_NAME:
                yield heading, cells[0].strip("`"), cells[2].strip(), cells[1]


def test_each_stated_default_is_the_real_one() -> None:
    found = 0
    for name, field, stated, _ in rows():
        value: Any = BY_NAME[name].value
        if not (isinstance(value, type) and issubclass(value, Node)) or field.startswith("*"):
            continue
        real = fields(value)[field].default
        if stated == "required":
            assert real is MISSING, f"{name}.{field}"
        else:
            value = eval(stated.strip("`").replace("\\|", "|"), vocabulary())
            assert value == (dict(real) if isinstance(real, Items) else real), f"{name}.{field}"
        found += 1
    assert found > 300


def test_defaults_are_written_as_in_specs() -> None:
    assert shown_default('a "b"') == '"a \\"b\\""'
    assert shown_default(dashgen.Legend("table")) == 'Legend(mode="table")'
    assert shown_default(MISSING) == ""
    assert shown_default(lambda: datetime.now(UTC)) == ""


def test_every_row_constraint_is_documented() -> None:
    kinds = [*row_constraints.RowRule.__subclasses__(), *row_constraints.SequenceRule.__subclasses__()]
    assert {kind.__name__ for kind in kinds if kind.__module__ == row_constraints.__name__} <= BY_NAME.keys()


def test_pages_are_where_the_readme_of_the_folder_leads() -> None:
    index = documents()["README.md"]
    for entry in ENTRIES:
        assert f"]({entry.page}#{entry.name.lower()})" in index
    assert Path(FOLDER).name == "reference"
