"""Ranges, buckets and ages."""

from specs.variables import ENV

IN_ENV = ENV.matches("env")

WRITE_INTERVAL = 10
"""Seconds between two rows of a series, in every table."""

NOW = "least($__toTime, now())"
"""The end of the range picked, but no moment that is still to come: "today" ends at midnight."""

EVALUATION = "$__toTime"
"""The same for alerts: an evaluation's range ends when it is made, which a test or a backtest sets in the past."""


def last_week(end: str = NOW) -> str:
    return f"timestamp BETWEEN dateadd('d', -7, $__toTime) AND {end}"


LAST_WEEK = last_week()
"""A fixed look back, so that a state does not depend on the range picked: a dead host stays in sight. The upper
bound is needed: `datediff` is absolute, and a row from the future would be the latest."""

LAST_DAY = f"timestamp BETWEEN dateadd('d', -1, {EVALUATION}) AND {EVALUATION}"
"""For alerts: the latest row still counts when its writer has been silent for hours."""

_INTERVAL = "'$__sampleByInterval'"
_UNIT = f"right({_INTERVAL}, 1)"
_BUCKET_SECONDS = (
    f"(cast(left({_INTERVAL}, length({_INTERVAL}) - 1) AS INT)"
    f" * CASE WHEN {_UNIT} = 'm' THEN 60 WHEN {_UNIT} = 'h' THEN 3600 WHEN {_UNIT} = 'd' THEN 86400 ELSE 1 END)"
)
"""Width of a bucket. `$__interval_ms` can't say it: the plugin rounds the interval down, 90m to 1h."""


def bucket_of(moment: str) -> str:
    """Where the bucket of a moment begins."""
    return f"timestamp_floor({_INTERVAL}, {moment})"


START = bucket_of("$__fromTime")
"""Where the first bucket begins: read from here, it is a whole one and no drop."""

BY_BUCKET = "SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR"


def bucket_end(start: str) -> str:
    return f"dateadd('s', {_BUCKET_SECONDS}, {start})"


def buckets() -> str:
    """A relation of the starts of all buckets of the range, whether rows came or not."""
    return f"(SELECT generate_series AS time FROM generate_series({START}, {NOW}, {_INTERVAL}))"


def age(moment: str, end: str = NOW) -> str:
    """Seconds from a moment to the end of the range. Not below 0 for what lies after it."""
    return f"CASE WHEN {moment} > {end} THEN 0 ELSE datediff('s', {moment}, {end}) END"
