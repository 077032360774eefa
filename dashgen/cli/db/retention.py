"""`dashgen db retention`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashgen.cli import report
from dashgen.cli.db.target import At, on_server
from dashgen.cli.ddl import Names
from dashgen.cli.options import Format, OutputFormat, Specs, Timeout
from dashgen.cli.specs import declared

if TYPE_CHECKING:
    from dashgen.model.project import Project
    from dashgen.questdb import Client
    from dashgen.questdb.retention import Drop, Retention

Before = Annotated[
    str | None,
    typer.Option("--drop-before", metavar="MOMENT", help="What to drop by hand: a date (2026-01-31) or an age (90d)."),
]
Apply = Annotated[bool, typer.Option("--apply", help="Drop; without it only what would be dropped is shown.")]


def retention(
    at: At,
    table: Names = None,
    drop_before: Before = None,
    apply: Apply = False,
    specs: Specs = Path("specs"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Show how long a server keeps the rows of the declared tables, and what its TTL drops next.

    The TTL is what drops rows. --drop-before is for a server without one: it names partitions that are wholly
    older, and makes the materialized views over a table invalid, which a TTL does not.

    \b
    Examples:
      dashgen db retention --at http://localhost:9000
      dashgen db retention --at http://localhost:9000 --drop-before 90d           what that would drop
      dashgen db retention --at http://localhost:9000 --table daemon_metrics --drop-before 2026-01-01 --apply
    """
    moment = _moment(drop_before)
    if apply and moment is None:
        raise typer.Exit(report.error("--apply goes with --drop-before", "the TTL drops rows automatically"))

    def work(project: Project, client: Client) -> int:
        from dashgen.questdb import retention as room

        tables, code = declared(project, table)
        if code:
            return code
        found = room.retention(client, tables)
        missing = [t.name for t in tables if all(t.name != f.table for f in found)]
        drops = [d for f in found if moment is not None and (d := room.drop_before(f, moment)) is not None]
        if apply:
            for drop in drops:
                client.execute(drop.sql)
            client.settle()
        if output is OutputFormat.JSON:
            data = {"tables": list(map(_data, found)), "drops": list(map(_drop_data, drops)), "applied": apply}
            report.echo_json(data)
        elif moment is None:
            _show(found)
        else:
            _show_drops(drops, moment, apply)
        others = {t.name for t in tables if t.written_by_others}
        for name in missing:
            todo = "others create it" if name in others else "dashgen db migrate"
            report.echo(f"{name} is not deployed: {todo}", err=True)
        if moment is not None and others:
            report.echo(f"not changed, as others write them: {', '.join(sorted(others))}", err=True)
        return int(bool(missing) or (bool(drops) and not apply))

    raise typer.Exit(on_server(at, specs, load_timeout, output, "nothing was dropped", work, timeout=600))


def _moment(text: str | None) -> datetime | None:
    """Exits with 2 for what is neither a date nor an age, or not past."""
    if text is None:
        return None
    now = datetime.now(UTC)
    try:
        age = re.fullmatch(r"([0-9]{1,6})d", text, re.ASCII)
        moment = now - timedelta(days=int(age[1])) if age else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        message = f"--drop-before: expected a date such as 2026-01-31 or an age such as 90d, got {text!r}"
        raise typer.Exit(report.error(message, "")) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment >= now:
        raise typer.Exit(report.error(f"--drop-before: expected a moment that is past, got {text!r}", ""))
    return moment


def _show(found: Sequence[Retention]) -> None:
    from dashgen.model.core.counts import counted

    rows = [("table", "TTL", "partitions", "rows", "size", "oldest row", "TTL drops next", "at")]
    for item in found:
        oldest = item.partitions[0].oldest if item.partitions else None
        drop, moment = item.next_drop, item.next_drop_at
        rows.append((
            f"  {item.table}" if item.base else item.table,
            item.ttl or "none",
            f"{len(item.partitions):,}",
            f"{item.rows:,}",
            report.size(item.size),
            _minute(oldest),
            f"{drop.name}: {counted(drop.rows, 'row')}, {report.size(drop.size)}" if drop else "nothing",
            _minute(moment),
        ))  # fmt: skip
    report.columns(rows, right=frozenset((2, 3, 4)))
    for item in found:
        from dashgen.questdb.ttl import length

        if length(item.ttl) != length(item.declared) and not item.written_by_others:
            declared = item.declared or "none"
            report.echo(
                f"{item.table} has the TTL {item.ttl or 'none'}, declared is {declared}: dashgen db migrate", err=True
            )


def _show_drops(drops: Sequence[Drop], moment: datetime, applied: bool) -> None:
    from dashgen.model.core.counts import counted

    if not drops:
        report.echo(f"no partition is entirely older than {_minute(moment)}", err=True)
        return
    for drop in drops:
        rows, size = sum(p.rows for p in drop.partitions), sum(p.size for p in drop.partitions)
        report.echo(f"-- {counted(len(drop.partitions), 'partition')}, {counted(rows, 'row')}, {report.size(size)}")
        typer.echo(f"{drop.sql};\n")
        if drop.warning:
            report.echo(f"warning: {drop.warning}", err=True)
    report.echo("dropped" if applied else "dry run: nothing was dropped; add --apply to drop", err=True)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _data(item: Retention) -> dict[str, Any]:
    drop = item.next_drop
    return {
        "table": item.table,
        "viewOf": item.base or None,
        "ttl": item.ttl,
        "declaredTtl": item.declared,
        "partitions": len(item.partitions),
        "rows": item.rows,
        "bytes": item.size,
        "oldest": _text(item.partitions[0].oldest if item.partitions else None),
        "nextDrop": {"partition": drop.name, "rows": drop.rows, "bytes": drop.size, "at": _text(item.next_drop_at)}
        if drop
        else None,
    }


def _drop_data(drop: Drop) -> dict[str, Any]:
    partitions = [{"name": p.name, "rows": p.rows, "bytes": p.size} for p in drop.partitions]
    return {"sql": drop.sql, "partitions": partitions, "warning": drop.warning}
