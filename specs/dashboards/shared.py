"""How states look, everywhere the same."""

from dashgen import Thresholds, ValueMapping

STATES = (
    ValueMapping(0, "DOWN", color="red"),
    ValueMapping(1, "UP", color="green"),
    ValueMapping(2, "SILENT", color="orange"),
)
STATE_COLORS = Thresholds("red", (1, "green"), (2, "orange"))
BAD_FROM_ONE = Thresholds("green", (1, "red"))
AGE = Thresholds("green", (30, "yellow"), (60, "red"))
