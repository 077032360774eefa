"""The shipped alerts fire within what their tests promise on each Grafana, and a database that is away is told at once,
once, and ends no page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dashgen.grafana.versions import Version
from dashgen.questdb import EmbeddedQuestDB
from specs import PROJECT
from tests.specs import alert_delays
from tests.specs.alert_delays import VERSIONS, Delays

pytestmark = [pytest.mark.questdb, pytest.mark.slow]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "alerting.md"


@pytest.fixture(scope="module")
def found(questdb: EmbeddedQuestDB) -> Mapping[Version, Delays]:
    return {version: alert_delays.delays(questdb, version) for version in VERSIONS}


def test_each_fires_in_time_on_each_grafana(found: Mapping[Version, Delays]) -> None:
    for version, one in found.items():
        assert set(one.fires) == {rule.uid for rule in PROJECT.rules}, version
        assert {uid: late for uid, late in one.fires.items() if late > one.promised[uid]} == {}, version


def test_the_fault_of_the_database_is_told_at_once_by_what_does_not_page(found: Mapping[Version, Delays]) -> None:
    pages = {rule.uid for rule in PROJECT.rules if rule.severity == "critical"}
    for version, one in found.items():
        tells = {uid for uid, delay in one.told.items() if delay == 0}
        assert not pages & tells
        assert {"daemon-errors", "exchange-latency", "pipeline-gaps"} <= tells, version
        assert {uid for uid, delay in one.told.items() if delay is None} == {*pages, "watchdog"}


def test_the_guide_has_the_table(found: Mapping[Version, Delays]) -> None:
    """Renew it: `python -m tests.specs.alert_delays` prints it."""
    _, _, rest = GUIDE.read_text().partition("<!-- delays -->\n")
    assert rest.partition("<!-- /delays -->")[0] == alert_delays.table(found)
