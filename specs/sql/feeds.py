"""Feeds: one data type of one exchange."""

from dashgen import Ignore
from specs.limits import STALLED_AFTER
from specs.sql.times import NOW, age, last_week

_MINUTES = 5


def feeds(condition: str, end: str = NOW) -> str:
    """A relation of the feeds of the last week with the `age` of their last record; a week where there was none.

    The last minutes come from the rows: the view's newest minute is still filling, and may have rows from after the
    end. What is older comes from the view. A row is no record: its `records_count` may be 0. LATEST ON reads back only
    until it has met every feed.
    """
    return f"""(
        SELECT exchange, data_type, coalesce({age("max(at)", end)}, 604800) AS age
        FROM (
            SELECT exchange, data_type, max(timestamp) AS at
            FROM pipeline_metrics
            WHERE timestamp BETWEEN dateadd('m', -{_MINUTES}, $__toTime) AND {end} AND records_count > 0 AND {condition}
            UNION ALL
            SELECT exchange, data_type, CASE WHEN record_at > {end} THEN timestamp ELSE record_at END AS at
            FROM pipeline_1m
            WHERE {last_week(end)} AND records > 0 AND {condition}
            LATEST ON timestamp PARTITION BY exchange, data_type, host
            UNION ALL
            SELECT exchange, data_type, cast(NULL AS TIMESTAMP) AS at
            FROM pipeline_1m
            WHERE {last_week(end)} AND {condition}
            LATEST ON timestamp PARTITION BY exchange, data_type, host
        )
        GROUP BY exchange, data_type
    )"""


LAST_RECORD = (Ignore("DG302", reason="the last row that fits is what is asked for: the last one with a record"),)

FEED_STATE = "CASE WHEN age > {} THEN 1 ELSE 0 END".format(
    "CASE "
    + " ".join(f"WHEN data_type = '{kind}' THEN {seconds}" for kind, seconds in STALLED_AFTER.items())
    + f" ELSE {min(STALLED_AFTER.values())} END"
)
"""0 flows, 1 is stalled: longer without a record than its data type may be."""
