"""What the dashboards have in common: how states look, where links lead."""

from dashgen import DataLink, Link, Override, Thresholds, ValueMapping

STATES = (
    ValueMapping(0, "UP", color="green"),
    ValueMapping(1, "STALE", color="yellow"),
    ValueMapping(2, "DOWN", color="red"),
    ValueMapping(3, "SILENT", color="orange"),
    ValueMapping(4, "MISSING", color="purple"),
)
"""The worse, the higher: sorting by state descending puts the worst first, as `specs.sql.state` numbers them."""

STATE_COLORS = Thresholds("green", (1, "yellow"), (2, "red"), (3, "orange"), (4, "purple"))

FLOWS = (ValueMapping(0, "OK", color="green"), ValueMapping(1, "STALLED", color="red"))
FLOW_COLORS = Thresholds("green", (1, "red"))

NO_DATA = ValueMapping(-1, "NO DATA", color="purple")
COUNT_BAD = Thresholds("purple", (0, "green"), (1, "red"))
"""For counts of what is not well, where -1 is that there is nothing to count."""

AGE = Thresholds("green", (30, "yellow"), (60, "red"))

TAGS = ("daemons",)
LINKS = (Link("Daemon dashboards", tags=TAGS, tooltip="The other dashboards, at this time and with these variables"),)

BACKGROUND = {"cellOptions": {"type": "color-background"}}
COLORED_TEXT = {"cellOptions": {"type": "color-text"}}

STATE_COLUMN = Override(
    "state", unit="none", mappings=STATES, thresholds=STATE_COLORS, custom={**BACKGROUND, "width": 100}
)


def explained_by(title: str, uid: str, **variables: str) -> DataLink:
    """A link from a value to the dashboard that explains it, in the same environment and at the same time."""
    return DataLink(title, dashboard=uid, variables={"env": "${env}", **variables})
