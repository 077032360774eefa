"""What differs between Grafana's versions in the evaluation of an alert rule.

9.4 is recorded (tests/simulate/traces); it is read of the others. Where no release is named by Grafana's own
changelog or documentation, the version stands for the first whose source was seen to have it.
"""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, int]

RECORDED: Version = (9, 4)


@dataclass(frozen=True, slots=True)
class Semantics:
    """One Grafana's rules. Every field is true in newer versions.

    - `direct_threshold`: a threshold compares numbers, so that NaN is above and below nothing. Before, it was a
      math expression over parameters rounded to six decimals, and NaN fired.
    - `reduced_numbers_mapped`: dropNN and replaceNN also work on a numeric table.
    - `only_queries_lack_data`: an empty expression is no NoData of its own. Before, it was one where it was
      written with the datasource uid `__expr__` (grafana/grafana pkg/services/ngalert/eval/eval.go).
    - `no_data_waits`: noDataState Alerting honours `for`.
    - `no_data_restarts`: NoData sets the start of the state anew.
    - `error_labels_leave`: `ref_id` and `datasource_uid` go with the error that brought them.
    - `error_text_follows`: an Error that goes on shows the newest error, not the first.
    - `errors_leave_alerting`: what goes on Alerting after an error no longer shows it.
    - `time_errors_advise`: the words for a series without a time column.
    - `starts_when_created`: a first Normal has a start.
    - `policies_for_all`: Alerting, OK and KeepLast for NoData or Error apply to every instance that there is
      (grafana#68142, on by default since 10.3).
    - `recovery_threshold`: `unloadEvaluator` is read (10.3).
    - `only_the_condition_fails`: an error counts where the condition depends on it.
    - `keeps_firing`: `keepFiringFor` and the state Recovering, `missing_series_evals_to_resolve`
      (grafana#100750, #101184: 12.0).
    - `faults_leave_at_once`: NoData and Error instances are removed at the first evaluation without them.
    - `faults_wait`: NoData and Error honour `for` (grafana#117024: 13.0).
    - `wrapped_errors`: errors name their refId in brackets behind a code.
    - `pgx`: the PostgreSQL datasource's driver, and with it the form of its errors.
    """

    direct_threshold: bool
    reduced_numbers_mapped: bool
    only_queries_lack_data: bool
    no_data_waits: bool
    no_data_restarts: bool
    error_labels_leave: bool
    error_text_follows: bool
    errors_leave_alerting: bool
    time_errors_advise: bool
    starts_when_created: bool
    policies_for_all: bool
    recovery_threshold: bool
    only_the_condition_fails: bool
    keeps_firing: bool
    faults_leave_at_once: bool
    faults_wait: bool
    wrapped_errors: bool
    pgx: bool


_SINCE: dict[str, Version] = {
    "direct_threshold": (11, 0),
    "reduced_numbers_mapped": (10, 3),
    "only_queries_lack_data": (10, 0),
    "no_data_waits": (10, 0),
    "no_data_restarts": (10, 0),
    "error_labels_leave": (10, 3),
    "error_text_follows": (10, 3),
    "errors_leave_alerting": (12, 0),
    "time_errors_advise": (11, 4),
    "starts_when_created": (10, 0),
    "policies_for_all": (10, 3),
    "recovery_threshold": (10, 3),
    "only_the_condition_fails": (10, 0),
    "keeps_firing": (12, 0),
    "faults_leave_at_once": (12, 1),
    "faults_wait": (13, 0),
    "wrapped_errors": (10, 2),
    "pgx": (12, 0),
}


def semantics(version: Version) -> Semantics:
    return Semantics(**{name: version >= since for name, since in _SINCE.items()})


def changes(older: Version, newer: Version) -> tuple[str, ...]:
    """The names of what differs between two versions."""
    return tuple(name for name, since in _SINCE.items() if older < since <= newer)


def since(name: str) -> Version:
    return _SINCE[name]
