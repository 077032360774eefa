"""What QuestDB says of itself."""

from specs.sql.times import IN_ENV, LAST_WEEK, age

WAL = """(
    SELECT t.table_name AS name, w.suspended::int AS suspended, coalesce(t.wal_pending_row_count, 0) AS pending,
           w.sequencerTxn - w.writerTxn AS behind, s.rowCount AS rows, s.diskSize AS disk,
           s.partitionCount AS partitions, t.table_last_write_timestamp AS written_at, w.errorMessage AS error
    FROM tables() t
    JOIN wal_tables() w ON t.table_name = w.name
    JOIN table_storage() s ON s.tableName = t.table_name
)"""
"""Write-ahead log and storage of every table that has a log, views among them."""

_FRESH = ("daemon_metrics", "exchange_status", "pipeline_metrics", "pipeline_1m", "trading_metrics")
VIEWS = ("exchange_1m", "pipeline_1m")
STORED = (*sorted({*_FRESH, *VIEWS}),)
"""All tables and views, as each has a write-ahead log."""


def _newest(table: str) -> str:
    """Read backwards up to the first row: the age of the newest row costs no scan."""
    moment = "dateadd('s', 60, max(timestamp))" if table == "pipeline_1m" else "max(timestamp)"
    return f"""
    SELECT '{table}' AS name, coalesce({age(moment)}, 604800) AS age
    FROM (
        SELECT timestamp FROM {table} WHERE {LAST_WEEK} AND {IN_ENV} ORDER BY timestamp DESC LIMIT 1
    )
    """


FRESHNESS = "({})".format(" UNION ALL ".join(_newest(table) for table in _FRESH))
"""Age of the newest row by table, a week where there is none. A view's rows carry the start of their minute; its end
counts, as a minute is no age to be told of."""
