"""SQL over PG wire, as Grafana's datasources run it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dashgen.grafana.alerting.queries import Answer, SqlFailed
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.values import Value
from dashgen.questdb.errors import ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.wire import Wire


class QueryConnection(Wire):
    """One PG connection with simple queries; not for several threads at once."""

    PURPOSE = "running alert queries"

    def run(self, sql: str) -> Answer:
        """Raises SqlFailed with the server's message."""
        with from_extra("questdb"):
            from psycopg.pq import DiagnosticField, ExecStatus

        result = self._connection.pgconn.exec_(sql.encode())
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY):
            if self._connection.broken:
                raise ServerError(f"the connection for {self.PURPOSE} was lost")
            text = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message
            raise SqlFailed(text.decode(errors="replace").strip())
        width = range(result.nfields)
        columns = tuple(WireColumn((result.fname(i) or b"").decode(), result.ftype(i)) for i in width)
        readers = [_READERS.get(column.oid, bytes.decode) for column in columns]
        get = result.get_value
        rows = tuple(
            tuple(None if (raw := get(row, i)) is None else readers[i](raw) for i in width)
            for row in range(result.ntuples)
        )
        return Answer(columns, rows)


def _timestamp(raw: bytes) -> datetime:
    return datetime.fromisoformat(raw.decode()).replace(tzinfo=UTC)


_READERS: dict[int, Callable[[bytes], Value]] = {
    16: lambda raw: raw == b"t",
    20: int,
    21: int,
    23: int,
    700: float,
    701: float,
    1700: float,
    1082: _timestamp,
    1114: _timestamp,
    1184: _timestamp,
}
