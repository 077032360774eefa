"""Imports of dashboards that a real Grafana 12.4 served, of those published, and of dashgen's own.

The published and recorded ones are read in place beside the checkout; they are not part of this repository. One pass
imports each of them in each form that there is of it; the tests look at what it gave.
"""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashgen.adopt.dashboard_source import DashboardSource
from dashgen.adopt.dashboards import Adopted
from dashgen.adopt.differences import first_difference
from dashgen.adopt.normalise import normalised
from dashgen.adopt.source import names
from dashgen.adopt.source.module import source
from dashgen.adopt.sources import read as read_sources
from tests.adopt.documents import PUBLISHED, RECORDED, SHIPPED, Json, adopted, form, read, run, scope

needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded dashboards beside the checkout")


@dataclass(frozen=True)
class Trial:
    """One published dashboard: what its import gave, and what the other forms of it differ in, empty for nothing."""

    name: str
    found: Adopted
    text: str
    from_grafana: str
    """Where Grafana's own migration and what the specs render differ first."""
    of_v2: str
    """Where Grafana's conversion to v2 and what the specs of it render differ first."""
    from_v2: str
    """Where the module of that conversion differs from the module of the classic form."""

    def account(self) -> str:
        shares = self.found.shares
        part = 100 / max(shares.leaves, 1)
        return (
            f"{self.name}: {self.from_grafana or 'equal'}; v2: {self.from_v2 or 'equal'}; "
            f"{shares.own_panels} of {shares.panels} panels; fields {shares.own * part:.0f} %, "
            f"by name {shares.by_name * part:.0f} %, raw {shares.raw * part:.0f} %"
        )


@functools.cache
def trials() -> tuple[Trial, ...]:
    return tuple(_trial(path) for path in sorted(PUBLISHED.rglob("*.json")))


def _only(path: Path) -> DashboardSource:
    (one,) = read_sources([path]).sources
    assert isinstance(one, DashboardSource)
    return one


def _trial(path: Path) -> Trial:
    name = path.name
    document = _only(path).dashboard
    found = adopted(document)
    text = source(found.dashboard, "BOARD", 88)
    served = read(RECORDED / "v1beta1" / name)
    rendered = form(run(text, "BOARD"), document)
    of_grafana = normalised(served, scope(served).named)
    v2 = adopted(_only(RECORDED / "v2beta1" / name).dashboard)
    again = source(v2.dashboard, "BOARD", 88)
    return Trial(name, found, text, first_difference(rendered, of_grafana), v2.difference, _first_line(text, again))


def _first_line(one: str, other: str) -> str:
    for left, right in zip(one.splitlines(), other.splitlines(), strict=False):
        if left != right:
            return f"{left.strip()} | {right.strip()}"
    return "" if one == other else "one is longer"


def stays_formatted(folder: Path, most: int) -> None:
    """ruff changes nothing, and finds nothing of imports, of unused names and of older syntax."""
    ruff = [sys.executable, "-m", "ruff"]
    flags = ["--isolated", "--line-length", str(most), str(folder)]
    changed = subprocess.run([*ruff, "format", "--diff", *flags], capture_output=True, text=True, check=False)
    assert changed.returncode == 0, changed.stdout[:2000] + changed.stderr
    found = subprocess.run(
        [*ruff, "check", "--select", "E4,E7,E9,F,I,UP,C4", *flags], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout[:2000]


def written(document: Json, most: int) -> tuple[Adopted, str]:
    """An import and its module, which renders to the document as the object does."""
    found = adopted(document)
    text = source(found.dashboard, "BOARD", most)
    again = run(text, "BOARD")
    difference = first_difference(form(again, document), form(found.dashboard, document))
    assert not difference, difference
    return found, text


def test_rendered_dashboards_come_back_whole(tmp_path: Path) -> None:
    for path in SHIPPED:
        found, text = written(read(path), 88)
        assert (path.name, found.difference, found.shares.raw, found.unchecked) == (path.name, "", 0, ())
        assert found.shares.own_panels == found.shares.panels
        (tmp_path / f"{names.module(path.stem, 'dashboard')}.py").write_text(text, "utf-8")
    stays_formatted(tmp_path, 88)


@needs_recordings
def test_published_dashboards_render_to_what_grafana_makes_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *(one.account() for one in trials()), sep="\n")  # noqa: T201  # the account of each file is what the test is for
    assert [one.account() for one in trials() if one.from_grafana or one.found.difference] == []
    assert len(trials()) == 80


@needs_recordings
def test_the_v2_form_renders_to_itself_and_gives_the_same_module_where_grafana_lost_nothing() -> None:
    """12.4 drops on its way to v2: datasources that are a name only, gnetId, some orders and empty texts, gaps between
    rows, texts where numbers belong; and folds panels into the row above."""
    assert [f"{one.name}: {one.of_v2}" for one in trials() if one.of_v2] == []
    different = {one.name: one.from_v2 for one in trials() if one.from_v2}
    assert len(different) == 22, different


@needs_recordings
def test_modules_of_published_dashboards_are_formatted(tmp_path: Path) -> None:
    for one in trials():
        (tmp_path / f"{names.module(Path(one.name).stem, 'dashboard')}.py").write_text(one.text, "utf-8")
    stays_formatted(tmp_path, 88)


@needs_recordings
def test_dashboards_written_in_v2_render_to_what_they_are_in_the_classic_form() -> None:
    native = sorted((RECORDED / "native" / "v2beta1").glob("*.json"))
    assert [f"{path.name}: {said}" for path in native if (said := _of_native(path))] == []
    assert len(native) == 5


def _of_native(path: Path) -> str:
    """Where Grafana's own conversion and what the specs render differ first."""
    document = _only(path).dashboard
    served = read(RECORDED / "native" / "v1beta1" / path.name)
    return first_difference(form(adopted(document).dashboard, document), normalised(served, scope(served).named))
