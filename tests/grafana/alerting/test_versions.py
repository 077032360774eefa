"""The guide's table of what differs between Grafana's versions is made of the table that the simulation asks."""

from pathlib import Path

from dashgen.grafana.versions import DIFFERENCES, differences_table

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
