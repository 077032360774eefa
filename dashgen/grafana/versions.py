"""What a newer Grafana takes, or does, and an older one does not: one entry a difference, asked by everyone.

What differs in the evaluation of a rule is `dashgen.simulate.semantics`.
"""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Since:
    """A difference, and the first version that has it. `known` says how that is known."""

    version: Version
    known: str

    def holds(self, version: Version) -> bool:
        return version >= self.version

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


KEEP_LAST = Since((10, 4), "grafana#84406; 9.4 was seen to refuse it")
"""`KeepLast` as a rule's state for NoData or Error: an older Grafana does not start with it."""

RULES_NAME_RECEIVERS = Since((11, 0), "read: rules have notification_settings since 11; older ones ignore them")
"""A rule names its contact point and mute timings itself, and a Grafana refuses to delete what a rule names."""

TITLES_REPEAT = Since((12, 4), "seen on 12.4.0; grafana#102067 took the constraint away in March 2025, which release"
                               " was the first to have it was not tried")  # fmt: skip
"""Two rules of one folder may have one title, also for a moment: an older Grafana does not start."""
