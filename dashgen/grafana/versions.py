"""What a newer Grafana takes, or does, and an older one does not: one entry a difference, asked by everyone.

Timelines of alert rules on 9.4.0, 12.3.0 and 12.4.0 were recorded (tests/grafana/alerting/traces). What lies between
them, and what is newer, was read in Grafana's source, changelogs and pull requests; where no release is named there,
the version stands for the first whose source was seen to have it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dashgen.model.core.problems import DashgenError

Version = tuple[int, int]

RECORDED: tuple[Version, ...] = ((9, 4), (12, 3), (12, 4))
"""The Grafanas whose timelines are replayed tick by tick."""

OLDEST: Version = (9, 4)
"""The oldest Grafana whose provisioning files and alert rules dashgen knows; older ones have other files."""
NEWEST: Version = (13, 3)
"""The newest that there was when this was last looked at (November 2026)."""
_LAST = {9: 5, 10: 4, 11: 6, 12: 4, NEWEST[0]: NEWEST[1]}
"""The last minor release of each major one, then."""

IGNORE_PENDING = "alertingIgnorePendingForNoDataAndError"
"""The feature toggle of 12.4 and newer with which NoData and Error do not wait (grafana#117931). Off by default."""


class VersionDifference(NamedTuple):
    """A difference, and the first version that has it. `known` says how that is known."""

    version: Version
    known: str

    def holds(self, version: Version) -> bool:
        return version >= self.version

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


KEEP_LAST = VersionDifference((10, 4), "grafana#84406; 9.4 was seen to refuse it")
"""`KeepLast` as a rule's state for NoData or Error: an older Grafana does not start with it."""

RULES_NAME_RECEIVERS = VersionDifference(
    (11, 0), "read: rules have notification_settings since 11; older ones ignore them"
)
"""A rule names its contact point and mute timings itself, and a Grafana refuses to delete what a rule names."""

TITLES_REPEAT = VersionDifference(
    (12, 4),
    "seen on 12.4.0; grafana#102067 took the constraint away in March 2025, which release was the first to have it was"
    " not tried",
)
"""Two rules of one folder may have one title, also for a moment: an older Grafana does not start."""


class UnknownVersion(DashgenError, ValueError):
    """What was given as a version, and what one looks like."""


class Difference(NamedTuple):
    """One in the evaluation of an alert rule: `says` is what newer versions do, `known` how that is known."""

    since: Version
    says: str
    known: str
    is_behaviour: bool = True
    """False where it changes texts only, never a state."""


DIFFERENCES: Mapping[str, Difference] = {
    "error_labels_leave": Difference(
        (9, 5), "ref_id and datasource_uid go with the error that brought them",
        "read: grafana#72216, in 9.5.14 and 10.1; 9.4 keeps them (recorded)",
    ),
    "only_queries_lack_data": Difference(
        (10, 0), "an empty expression is no NoData of its own; before, one with the uid __expr__ was",
        "recorded: 9.4, 12.3; the version between was read in pkg/services/ngalert/eval/eval.go",
    ),
    "no_data_waits": Difference(
        (10, 0), "noDataState Alerting honours `for`", "recorded: 9.4, 12.3; the version between was read in state.go"
    ),
    "no_data_restarts": Difference(
        (10, 0), "NoData sets the start of the state anew",
        "recorded: 9.4, 12.3; the version between was read in state.go",
    ),
    "starts_when_created": Difference(
        (10, 0), "a first Normal has a start", "recorded: 9.4, 12.3; the version between was read in cache.go", False
    ),
    "only_the_condition_fails": Difference(
        (10, 0), "an error counts where the condition depends on it", "read: pkg/expr/graph.go"
    ),
    "wrapped_errors": Difference(
        (10, 2), "errors name their refId in brackets behind a code",
        "recorded: 9.4, 12.3; the version between was read in pkg/expr/errors.go", False,
    ),
    "reduced_numbers_mapped": Difference(
        (10, 3), "dropNN and replaceNN also work on a numeric table",
        "recorded: 9.4, 12.3; the version between was read in pkg/expr/commands.go",
    ),
    "error_text_follows": Difference(
        (10, 3), "an Error that goes on shows the newest error, not the first",
        "recorded: 9.4, 12.3; the version between was read in state.go", False,
    ),
    "policies_for_all": Difference(
        (10, 3), "Alerting, OK and KeepLast for NoData or Error change every instance that there is",
        "recorded: 9.4, 12.3; grafana#68142, on by default since 10.3",
    ),
    "recovery_threshold": Difference(
        (10, 3), "unloadEvaluator is read: a recovery threshold", "recorded: 12.3; the version was read in threshold.go"
    ),
    "direct_threshold": Difference(
        (11, 0), "a threshold compares numbers: NaN is above and below nothing, parameters are not rounded",
        "recorded: 9.4, 12.3; the version between was read in pkg/expr/threshold.go",
    ),
    "time_errors_advise": Difference(
        (11, 4), "the words for a series without a time column", "read: sql_engine.go", False
    ),
    "errors_leave_alerting": Difference(
        (12, 0), "what goes on Alerting after an error no longer shows it",
        "recorded: 9.4, 12.3; the version between was read in state.go", False,
    ),
    "keeps_firing": Difference(
        (12, 0), "keepFiringFor and the state Recovering; missing_series_evals_to_resolve",
        "recorded: 12.3; grafana#100750, #101184",
    ),
    "value_of_one_query": Difference(
        (12, 0), "$value is the number where exactly one datasource query is among the values",
        "recorded: 12.3; grafana#102301 (12.0), a float64 since 12.0.2 (grafana#106080)", False,
    ),
    "faults_leave_at_once": Difference(
        (12, 1), "NoData and Error instances are removed at the first evaluation without them",
        "recorded: 9.4, 12.3; the version between was read in manager.go",
    ),
    "errors_are_instances": Difference(
        (12, 3), "a failed query is an instance of its own; those of the data are missing and keep their clocks",
        "recorded: 9.4, 12.3; which version between was the first is not known",
    ),
    "booleans_are_numbers": Difference(
        (12, 3), "the PostgreSQL datasource makes 1 and 0 of a BOOLEAN in a time series",
        "recorded: 9.4, 12.3; which version between was the first is not known",
    ),
    "faults_wait": Difference(
        (12, 4), "NoData and Error honour `for`, also from Alerting: a firing alert is resolved by it",
        "recorded: 12.3, 12.4; grafana#117024",
    ),
    "pending_outlasts_faults": Difference(
        (12, 4), "what is Pending stays so over NoData and Error until its time is over",
        "recorded: 12.3, 12.4; grafana#117024",
    ),
    "value_has_types": Difference(
        (12, 4), "$value as a text names the type of each part", "recorded: 12.3, 12.4; grafana#112312", False
    ),
    "pgx": Difference(
        (12, 4), "the PostgreSQL datasource's driver is pgx, and with it the form of its errors",
        "recorded: 12.3, 12.4", False,
    ),
}  # fmt: skip


class Semantics(NamedTuple):
    """One Grafana's rules: which of DIFFERENCES it has, by the same names."""

    version: Version
    toggles: frozenset[str]
    error_labels_leave: bool
    only_queries_lack_data: bool
    no_data_waits: bool
    no_data_restarts: bool
    starts_when_created: bool
    only_the_condition_fails: bool
    wrapped_errors: bool
    reduced_numbers_mapped: bool
    error_text_follows: bool
    policies_for_all: bool
    recovery_threshold: bool
    direct_threshold: bool
    time_errors_advise: bool
    errors_leave_alerting: bool
    keeps_firing: bool
    value_of_one_query: bool
    faults_leave_at_once: bool
    errors_are_instances: bool
    booleans_are_numbers: bool
    faults_wait: bool
    pending_outlasts_faults: bool
    value_has_types: bool
    pgx: bool

    def __str__(self) -> str:
        return ", ".join([f"Grafana {shown(self.version)}", *(f"{toggle} on" for toggle in sorted(self.toggles))])

    @property
    def known(self) -> str:
        """How much of it was recorded."""
        if self.version in RECORDED:
            return "recorded"
        older = [version for version in RECORDED if version < self.version]
        newer = [version for version in RECORDED if version > self.version]
        if older and newer:
            return f"between {shown(older[-1])} and {shown(newer[0])}, which were recorded; the rest was read"
        if older:
            return f"as {shown(older[-1])}, which was recorded last; what is newer was read"
        return f"as {shown(newer[0])}, the oldest that was recorded"


def semantics(version: Version, toggles: Iterable[str] = ()) -> Semantics:
    """What a Grafana of that version does, with those feature toggles on."""
    on = frozenset(toggles)
    has = {name: version >= difference.since for name, difference in DIFFERENCES.items()}
    if IGNORE_PENDING in on:
        has["faults_wait"] = False
    return Semantics(version, on, **has)


def changes(older: Version, newer: Version) -> tuple[str, ...]:
    """The names of what differs between two versions, in the table's order."""
    return tuple(name for name, difference in DIFFERENCES.items() if older < difference.since <= newer)


def shown(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def unknown(version: Version) -> str:
    """Why nothing can be said of a version: what was expected instead. Empty for those that dashgen knows, and for
    releases that may follow soon, which are taken for the newest one."""
    if version < OLDEST:
        return f"expected a Grafana from {shown(OLDEST)} on"
    if version[0] > NEWEST[0] + 1:
        return f"expected a Grafana up to {shown(NEWEST)}, the newest that dashgen knows"
    return ""


def unread(version: Version) -> str:
    """What a version is that nobody has looked at; empty for one that dashgen knows."""
    last = _LAST.get(version[0], version[1])
    if version > NEWEST:
        return f"newer than {shown(NEWEST)}, the newest that dashgen knows"
    if version[1] > last:
        return f"not a release that dashgen knows: the last one of {version[0]} is {version[0]}.{last}"
    return ""


def version_of(text: str) -> Version:
    """`12.4` or `12.4.0`. Raises UnknownVersion."""
    parts = text.strip().removeprefix("v").split(".")
    if len(parts) < 2 or not all(part.isdecimal() and part.isascii() for part in parts[:2]):
        raise UnknownVersion(f"expected a Grafana version from {shown(OLDEST)} on, such as 12.4, got {text!r}")
    version = int(parts[0][:9]), int(parts[1][:9])
    if why := unknown(version):
        raise UnknownVersion(f"{why}, got {text!r}")
    return version


def differences_table() -> str:
    """DIFFERENCES as the table of a guide."""
    rows = [f"| {shown(one.since)} | {one.says} | {one.known} |" for one in DIFFERENCES.values()]
    return "\n".join(["| since | what newer versions do | known |", "|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(differences_table())
