"""The values of a `Literal[…]` stand once: validators, tables of the renderer and schemas ask for them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Literal

import pytest

from dashgen import SpecError
from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, node

PACKAGE = Path(__file__).resolve().parents[2] / "dashgen"
Pace = Literal["slow", "fast"]


@node
class Motion(Node):
    """A motion that these tests make."""

    pace: Pace = checked(validators.literal(), default="slow")
    axis: Literal["x", "y"] | None = checked(validators.literal(), default=None)
    base: Literal[2, 10] = checked(validators.literal(), kw_only=False)


@node
class Turn(Motion):
    """A turn."""


@pytest.mark.parametrize("cls", [Motion, Turn])
def test_a_field_takes_what_its_annotation_lists(cls: type[Motion]) -> None:
    assert cls(10, pace="fast", axis="y") == cls(10, pace="fast", axis="y")
    assert cls(2, axis=None).axis is None
    with pytest.raises(SpecError, match="pace: expected one of 'slow', 'fast', got 'quick'"):
        cls(2, pace="quick")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="axis: expected one of 'x', 'y', got 'z'"):
        cls(2, axis="z")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=r"base: expected one of 2, 10, got 2\.0"):
        cls(2.0)  # type: ignore[arg-type]


def test_an_annotation_that_lists_nothing_is_a_mistake_of_dashgen() -> None:
    @node
    class Wrong(Node):
        """No list of values."""

        name: tuple[str, ...] = checked(validators.literal())

    with pytest.raises(TypeError, match="lists no values"):
        Wrong(name=("a",))


WORDS = frozenset(
    frozenset(words)
    for words in (("and", "or"), ("h", "v"), ("list", "stat"), ("table", "time_series"), ("Error", "NoData"))
)
"""Pairs of common words, which stand for other things too."""


def strings(elements: list[ast.expr]) -> frozenset[str]:
    values = [one.value for one in elements if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return frozenset(values) if len(values) == len(elements) > 1 else frozenset()


def test_no_list_of_values_is_written_twice() -> None:
    listed: dict[frozenset[str], list[str]] = {}
    again: dict[frozenset[str], list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_literals = set()
        for item in ast.walk(tree):
            match item:
                case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=elements) as inner):
                    of_literals.add(id(inner))
                    listed.setdefault(strings(elements), []).append(name)
        for item in ast.walk(tree):
            if isinstance(item, ast.Tuple | ast.List | ast.Set) and id(item) not in of_literals:
                again.setdefault(strings(item.elts), []).append(name)
    twice = {values: where for values, where in listed.items() if len(where) > 1}
    twice |= {values: [*listed[values], *where] for values, where in again.items() if values in listed}
    twice.pop(frozenset(), None)
    assert {values: where for values, where in twice.items() if values not in WORDS} == {}
