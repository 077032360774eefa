"""Imports of dashboards that a real Grafana 12.4 served, of those published, and of dashgen's own.

The published and recorded ones are read in place beside the checkout; they are not part of this repository.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dashgen.adopt.dashboards import Adopted
from dashgen.adopt.differences import first_difference
from dashgen.adopt.source import names
from dashgen.adopt.source.module import source
from dashgen.adopt.sources import read as read_sources
from tests.adopt.documents import PUBLISHED, RECORDED, SHIPPED, Json, adopted, form, read, run


def told(name: str, found: Adopted) -> str:
    shares = found.shares
    part = 100 / max(shares.leaves, 1)
    return (
        f"{name}: {found.difference or 'equal'}; {shares.own_panels} of {shares.panels} panels; fields "
        f"{shares.own * part:.0f} %, by name {shares.by_name * part:.0f} %, raw {shares.raw * part:.0f} %"
    )


def written(document: Json, most: int) -> tuple[Adopted, str]:
    """An import and its module, which renders to the document as the object does."""
    found = adopted(document)
    text = source(found.dashboard, "BOARD", most)
    again = run(text, "BOARD")
    difference = first_difference(form(again, document), form(found.dashboard, document))
    assert not difference, difference
    return found, text


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


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_rendered_dashboard_comes_back_whole(path: Path) -> None:
    found, _ = written(read(path), 120)
    assert found.difference == ""
    assert found.shares.raw == 0
    assert found.shares.own_panels == found.shares.panels
    assert found.unchecked == ()


def test_modules_of_rendered_dashboards_are_formatted(tmp_path: Path) -> None:
    for path in SHIPPED:
        (tmp_path / f"{names.module(path.stem, 'dashboard')}.py").write_text(written(read(path), 88)[1], "utf-8")
    stays_formatted(tmp_path, 88)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded dashboards beside the checkout")
def test_recorded_dashboards_render_to_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, different = [], []
    for path in sorted((RECORDED / "v1beta1").glob("*.json")):
        found, text = written(read(path), 88)
        lines.append(told(path.name, found))
        different += [path.name] if found.difference else []
        (tmp_path / f"{names.module(path.stem, 'dashboard')}.py").write_text(text, "utf-8")
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201  # the account of each file is what the test is for
    assert len(lines) == 80
    assert different == []
    stays_formatted(tmp_path, 88)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="no published dashboards beside the checkout")
def test_published_dashboards_of_all_schema_versions_render_to_themselves() -> None:
    found = read_sources([PUBLISHED])
    assert found.unreadable == ()
    assert found.skipped == ()
    different = [f"{one.path.name}: {said}" for one in found.sources if (said := adopted(one.dashboard).difference)]
    assert different == []
    assert len(found.sources) == 80


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded dashboards beside the checkout")
def test_dashboards_of_schema_v2_render_to_what_they_are_in_the_classic_one() -> None:
    found = read_sources([RECORDED / "v2beta1", RECORDED / "native" / "v2beta1"])
    assert found.unreadable == ()
    different = [f"{one.path.name}: {said}" for one in found.sources if (said := adopted(one.dashboard).difference)]
    assert different == []
    assert Counter(one.form for one in found.sources) == {"v2 spec": 85}
