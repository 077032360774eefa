"""What classes of the vocabulary say of themselves to `help`, notebooks and editors."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys

import pytest

import dashgen
from dashgen import Dashboard, Route, SpecError, Stat, Thresholds, TimeSeries
from dashgen.model.core import validators
from dashgen.model.core.documentation import field_docs, own_sentences, parameter_sentences, spelled_out
from dashgen.model.core.fields import checked, fields
from dashgen.model.core.node import Node, node
from dashgen.model.dashboards.query import AnyQuery

NODES = [cls for name in dashgen.MODULES if isinstance(cls := getattr(dashgen, name), type) and issubclass(cls, Node)]


@node
class Shape(Node):
    """A shape that these tests draw."""

    title: str = checked(validators.text, kw_only=False)
    """What stands
    above it."""
    query: AnyQuery = checked(validators.text, default="")
    corners: int = checked(validators.whole(0, 9), default=3)
    """How many corners it has."""


@node
class Square(Shape):
    """A shape of four corners."""

    corners: int = checked(validators.whole(4, 4), default=4)


@pytest.mark.parametrize("cls", NODES, ids=lambda cls: cls.__name__)
def test_a_signature_is_what_the_constructor_takes(cls: type[Node]) -> None:
    parameters = inspect.signature(cls).parameters
    given = {name: f for name, f in fields(cls).items() if f.init}
    assert parameters.keys() == given.keys()
    for name, parameter in parameters.items():
        assert str(parameter.annotation) in str(
            next(a[name] for base in cls.__mro__ if name in (a := inspect.get_annotations(base)))
        )
        if parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            assert (parameter.kind is inspect.Parameter.KEYWORD_ONLY) == given[name].kw_only
            assert parameter.default is inspect.Parameter.empty or parameter.default is given[name].default


def test_a_signature_reads_as_its_source() -> None:
    assert str(inspect.signature(Thresholds)) == (
        "(base: Color, *steps: tuple[float, Color], percentage: bool = False)"
    )
    shown = str(inspect.signature(TimeSeries))
    begin = "(title: str, query: PanelQuery | tuple[PanelQuery, ...] = (), *, unit: AnyUnit | None = None,"
    assert shown.startswith(begin)
    assert "legend: Legend = Legend(), " in shown
    assert "kind" not in shown
    bound = inspect.signature(Stat).bind("Silent for", "SELECT 1", unit="s")
    assert Stat(*bound.args, **bound.kwargs) == Stat("Silent for", "SELECT 1", unit="s")
    with pytest.raises(TypeError, match="unti"):
        inspect.signature(Stat).bind("Silent for", "SELECT 1", unti="s")


def test_help_shows_the_signature_and_each_field() -> None:
    told = pydoc.plain(pydoc.render_doc(Square))
    assert "Square(title: str, *, query: AnyQuery = '', corners: int = 4)" in told
    section = told.partition("Fields:\n")[2].partition("Method resolution order")[0]
    assert [line.removeprefix(" |  ").rstrip() for line in section.splitlines() if line.removeprefix(" |").strip()] == [
        "    title: str",
        "        What stands above it.",
        "    query: str | Query = ''",
        "    corners: int = 4",
        "        How many corners it has.",
    ]
    assert "A shape of four corners." in told
    assert Square("A").__doc__ == "A shape of four corners."


def test_a_field_is_documented_once_by_the_nearest_class() -> None:
    assert own_sentences(Shape) == {"title": "What stands above it.", "corners": "How many corners it has."}
    assert own_sentences(Square) == {}
    assert [(doc.name, doc.owner) for doc in field_docs(Square)] == [
        ("title", Shape),
        ("query", Shape),
        ("corners", Shape),
    ]


def test_aliases_are_spelled_out_unless_they_are_long() -> None:
    assert spelled_out("AnyUnit | None", Stat, "unit") == "Unit | CustomUnit | None"
    assert spelled_out("Orientation", Stat, "orientation") == "Literal['auto', 'horizontal', 'vertical']"
    assert spelled_out("tuple[Variable, ...]", Dashboard, "variables") == "tuple[Variable, ...]"


def test_parameters_are_documented_in_the_docstring() -> None:
    def draw(shape: str, *, size: int = 1) -> None:
        """Draws.

        Args:
            shape: What is drawn,
                by its name.
            size: Its width: in pixels.
        """

    assert parameter_sentences(draw) == {"shape": "What is drawn, by its name.", "size": "Its width: in pixels."}


def test_a_type_checker_refuses_a_wrong_call() -> None:
    """mypy tells of an ignore that is not needed: each of these is a mistake that it sees."""
    with pytest.raises(SpecError):
        TimeSeries("T", "Q", unti="ms")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(SpecError):
        TimeSeries("T", "Q", unit="msec")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(SpecError):
        TimeSeries("T", "Q", kind="stat")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(SpecError):
        Route("email", match=())  # type: ignore[call-arg]  # the mistake
    with pytest.raises(SpecError):
        Thresholds("red", steps=(), percent=True)  # type: ignore[call-arg]  # the mistake


@pytest.mark.parametrize("module", ["inspect", "ast", "dataclasses", "dashgen.model.core.documentation"])
def test_documentation_costs_no_start_up(module: str) -> None:
    code = f"import sys, dashgen; dashgen.TimeSeries('T', 'Q'); sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
