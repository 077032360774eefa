"""Every value of a rendered document that no author wrote has a reason, or is not there.

A default of the Foundation SDK once put every link and annotation into a menu, and cut every label of a bar chart to
nothing: nobody had written either. So what the smallest object of each class renders to, and what each further
argument adds, is held against `unwritten_values.toml`: a new version of the SDK with a new default fails here.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import orjson
import pytest
from grafana_foundation_sdk.models import dashboard as dm

from dashgen import Link
from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node
from tests.render.minimal import (
    CAN_NOT_BE_GIVEN,
    KINDS,
    NOT_RENDERED,
    Leaf,
    brought,
    holds_kinds,
    optional,
    smallest,
    unwritten,
)

ROOT = Path(__file__).resolve().parents[2]
REASONS = tomllib.loads((Path(__file__).parent / "unwritten_values.toml").read_text())
Entry = tuple[str, str, object]
used: set[str] = set()


def entry(leaf: Leaf, of: str) -> str | None:
    """The entry that gives a value its reason, for the class or `Class.field` that brought it."""
    document, path, value = leaf
    for known, _, *classes in REASONS.get(document, {}).get(path, ()):
        same = known == "*" or (known == value and isinstance(known, bool) == isinstance(value, bool))
        if same and (not classes or of in classes[0].split() or of.partition(".")[0] in classes[0].split()):
            return f"{document} {path} {known!r} {' '.join(classes)}"
    return None


def without_reason(leaves: frozenset[Leaf], of: str) -> list[Leaf]:
    found = []
    for leaf in leaves:
        name = entry(leaf, of)
        if name is None:
            found.append(leaf)
        else:
            used.add(name)
    return sorted(found, key=str)


def subclasses(cls: type) -> set[type]:
    below: list[type] = cls.__subclasses__()
    found = {one for sub in below for one in (sub, *subclasses(sub))}
    return {one for one in found if one.__module__.startswith("dashgen.")}


def test_every_class_of_an_author_is_held() -> None:
    assert subclasses(Node) == {*KINDS, *NOT_RENDERED}


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_the_smallest_object_says_nothing_without_a_reason(cls: type[Node]) -> None:
    assert without_reason(unwritten(cls), cls.__name__) == []


FIELDS = [
    (cls, name)
    for cls in KINDS
    for name in optional(cls)
    if not any(base in KINDS and name in fields(base) for base in cls.__mro__[1:])
]


@pytest.mark.parametrize(("cls", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_an_argument_brings_nothing_without_a_reason(cls: type[Node], name: str) -> None:
    found = brought(cls, name)
    if (cls.__name__, name) in CAN_NOT_BE_GIVEN:
        assert found is None
        return
    assert found is not None, f"no value fits {cls.__name__}.{name}: give one in minimal.SAMPLES"
    given, leaves = found
    if not holds_kinds(given):
        assert without_reason(leaves, f"{cls.__name__}.{name}") == []


def test_every_reason_is_of_a_value_that_is_there() -> None:
    """Runs over all by itself, so that it holds alone and beside the others."""
    for cls in KINDS:
        without_reason(unwritten(cls), cls.__name__)
    for cls, name in FIELDS:
        found = brought(cls, name)
        if found is not None:
            without_reason(found[1], f"{cls.__name__}.{name}")
    listed = {
        f"{document} {path} {known!r} {' '.join(classes)}"
        for document, paths in REASONS.items()
        for path, values in paths.items()
        for known, _, *classes in values
    }
    assert listed - used == set()


def test_a_default_that_slips_into_the_sdk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself can fail: here a version of the SDK that writes one key more into every link."""
    plain = dm.DashboardLink.to_json
    monkeypatch.setattr(dm.DashboardLink, "to_json", lambda self: {**plain(self), "somewhere": "else"})
    smallest.cache_clear()
    try:
        assert without_reason(unwritten(Link), "Link") == [("dashboard", "links[].somewhere", "else")]
    finally:
        smallest.cache_clear()


def test_the_shipped_links_and_annotations_stand_in_the_header() -> None:
    for path in sorted((ROOT / "build/prod/dashboards").rglob("*.json")):
        document = orjson.loads(path.read_bytes())
        shown = [*document["links"], *document["annotations"]["list"]]
        assert shown
        assert not [one for one in shown if "placement" in one], path
