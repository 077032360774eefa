"""What Grafana 12.4 exports and answers, imported: the specs render what was provisioned."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.adopt.alerting.document import AlertingDocument
from dashgen.adopt.alerting.forms import read as read_forms
from dashgen.adopt.files import content
from dashgen.adopt.write import replace
from dashgen.loading.load import load
from dashgen.render import Document, parsed
from tests.adopt.alerting.documents import OWN, RECORDED, SCOPE, exchanges, planned, read, rendered
from tests.adopt.documents import ROOT

EXPORTS = RECORDED / "alerting-exports"
needs_recordings = pytest.mark.skipif(not EXPORTS.is_dir(), reason="the recordings are not here")
SECTIONS = ("groups", "contactPoints", "policies", "muteTimes", "templates")


def together(documents: list[object]) -> AlertingDocument:
    """One document of several files."""
    whole: dict[str, object] = {"apiVersion": 1}
    for one in documents:
        assert isinstance(one, dict)
        for section in SECTIONS:
            if section in one:
                whole[section] = [*whole.get(section, []), *one[section]]  # type: ignore[misc]  # lists of JSON
    return read_forms(whole, SCOPE.named)


def of(documents: tuple[Document, ...]) -> AlertingDocument:
    return together([parsed(one) for one in documents if "/alerting/" in one.path])


def test_the_own_alerting_comes_back_byte_by_byte(tmp_path: Path) -> None:
    """But for the place of a panel's link, which no dashboard of the new project has."""
    made, documents = rendered(OWN, tmp_path)
    assert [one.difference for one in made.imported] == [""] * len(OWN)
    by_name = {Path(one.path).name: one.data.decode() for one in documents}
    for path in OWN:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert sorted(by_name[path.name].splitlines()) == sorted(lines), path.name
    assert of(documents).groups == together([content(path) for path in OWN]).groups


def test_rules_link_to_the_panels_of_dashboards_that_come_with_them(tmp_path: Path) -> None:
    dashboards = sorted((ROOT / "build" / "prod" / "dashboards").rglob("daemon-health.json"))
    rules = [path for path in OWN if path.name == "rules-daemons.yaml"]
    made, to = planned([*dashboards, *rules], tmp_path / "specs")
    assert [one.difference for one in made.imported] == ["", ""]
    source = made.files["alerts/daemons.py"]
    assert "from specs.dashboards.daemon_health import DAEMON_HEALTH\n" in source
    assert source.count('    panel=DAEMON_HEALTH["') == 4
    assert "panelId" not in source
    replace(to.root, made.files)
    project = load(to.root).project
    assert project is not None
    (group,) = project.alerts
    keys = {panel.key for panel in project.dashboards[0].panels if panel.key}  # type: ignore[union-attr]  # a Dashboard
    assert {rule.panel.key for rule in group.rules if rule.panel} <= keys
    again, _ = planned(rules, tmp_path / "specs")
    assert [one.difference for one in again.imported] == [""]


@needs_recordings
@pytest.mark.parametrize("form", ["export.json", "export.yaml", "api.json"])
def test_an_export_is_what_was_provisioned(form: str, tmp_path: Path) -> None:
    files = [path for path in sorted(EXPORTS.glob(f"*-{form}")) if content(path) is not None]
    made, documents = rendered(files, tmp_path)
    assert [one.difference for one in made.imported] == [""] * len(files)
    got, wanted = of(documents), together([content(path) for path in sorted((EXPORTS / "input").glob("*.yaml"))])
    assert sorted(got.contact_points, key=str) != []
    assert got.policy == wanted.policy
    assert got.mute_timings == wanted.mute_timings
    if form != "api.json":  # which has neither folders nor intervals
        assert got.groups == sorted(wanted.groups, key=lambda group: str(group["name"]))
    rules = {rule["uid"]: rule for group in got.groups for rule in group["rules"]}
    assert rules == {rule["uid"]: rule for group in wanted.groups for rule in group["rules"]}


@needs_recordings
def test_every_recorded_answer_of_alerting_is_read() -> None:
    names = [name for name, body in exchanges() if not read(body).is_empty]
    assert len(names) == 26, names
    assert {"rules", "rule group get", "contact points", "policies get", "mute timings", "templates"} <= set(names)
    assert {f"{what} export {form}" for what in ("rules", "policies") for form in ("json", "yaml")} <= set(names)
