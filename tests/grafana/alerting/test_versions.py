"""The guide's table of what differs between Grafana's versions is made of the table that the simulation asks."""

from pathlib import Path

import pytest

from dashgen.grafana.versions import DIFFERENCES, UnknownVersion, differences_table, unread, version_of

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "testing.md"


def test_the_guide_has_the_table() -> None:
    """Renew it: `python -m dashgen.grafana.versions` prints it."""
    _, _, rest = GUIDE.read_text().partition("<!-- differences -->\n")
    assert rest.partition("<!-- /differences -->")[0] == differences_table()


def test_each_difference_says_what_and_how_it_is_known() -> None:
    assert [one.since for one in DIFFERENCES.values()] == sorted(one.since for one in DIFFERENCES.values())
    for name, one in DIFFERENCES.items():
        assert one.known.startswith(("recorded: ", "read: ")), name
        assert one.says, name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("8.5", "expected a Grafana from 9.4 on, got '8.5'"),
        ("9.3", "expected a Grafana from 9.4 on, got '9.3'"),
        ("99.1", "expected a Grafana up to 13.3, the newest that dashgen knows, got '99.1'"),
        ("12", "expected a Grafana version from 9.4 on, such as 12.4, got '12'"),
        ("١٢.٤", "expected a Grafana version from 9.4 on, such as 12.4"),
        ("9" * 5000 + ".1", "expected a Grafana up to 13.3"),
    ],
)
def test_versions_that_dashgen_knows_nothing_of_are_refused(text: str, said: str) -> None:
    with pytest.raises(UnknownVersion) as caught:
        version_of(text)
    assert str(caught.value).startswith(said)


def test_versions_that_nobody_has_looked_at_are_told_from_those_that_are_known() -> None:
    assert [unread(version_of(text)) for text in ("9.4", "10.4", "11.6.3", "v12.4.0", "13.0", "13.3")] == [""] * 6
    assert unread((13, 4)) == unread((14, 0)) == "newer than 13.3, the newest that dashgen knows"
    assert unread((12, 9)) == "not a release that dashgen knows: the last one of 12 is 12.4"
