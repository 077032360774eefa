"""docs/capacity.md, from the figures of its parts: nothing in it is typed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.capacity.sizes import FLEETS, RETENTION, gigabytes, series
from benchmarks.markdown import load_line, machine_line, p95, paragraph, table
from dashgen.alert_tests.assertions import clock
from dashgen.model.core.counts import counted
from specs.sql import WRITE_INTERVAL

Figures = dict[str, Any]
"""`sizes`, `sustained` (a summary) and `delays`, those that were measured."""

MOST_GIGABYTES, ROWS_A_SECOND, LOAD_SECONDS = 10.0, 10_000, 3.0
OWN_LOAD = 4.0
SHIPPED = (5, 20)


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says of a sustained run."""
    writers, samples = found["writers"], found["samples"]
    # the first minutes are the compiler's
    warm = [one for one in samples if one["at"] > 120] or samples
    last = samples[-1]
    minutes = max(1, len(samples) // 12)
    return {
        **{name: found[name] for name in ("machine", "questdb", "ended", "minutes", "wanted", "symbols", "series")},
        "loads": [one["load"] for one in samples],
        "writers": {
            "seconds": max(one["seconds"] for one in writers),
            **{
                name: sum(one[name] for one in writers)
                for name in ("written", "refused", "retries", "late", "processor")
            },
        },
        "ingest_lag": _spread([lag for one in writers for lag in one["lags"]]),
        "behind": _spread([one["behind"] for one in warm]),
        "age": _spread([one["age"] for one in warm]),
        "view_age": _spread([one["view_age"] for one in warm]),
        "processor": last["processor"] / last["at"],
        "disk": _spread([one["disk"] for one in warm]),
        "log": _spread([one["log"] for one in warm]),
        "course": [
            {name: one[name] for name in ("at", *_COURSE, "behind", "load")}
            for one in samples[::minutes]
        ],
        "dashboards": {
            uid: {
                **_spread([one["seconds"] for one in found["loads"] if one["dashboard"] == uid]),
                "queued": sum(one["waited"] > 0.1 for one in found["loads"] if one["dashboard"] == uid),
                "failed": sum(bool(one["failures"]) for one in found["loads"] if one["dashboard"] == uid),
            }
            for uid in sorted({one["dashboard"] for one in found["loads"]})
        },
        "alerts": [
            {"rule": one["rule"], "interval": one["interval"], **_spread(one["seconds"]), "late": one["late"],
             "failures": len(one["failures"])}
            for one in found["alerts"] if one["seconds"]
        ],
        "tables": found["tables"],
    }  # fmt: skip


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"count": len(values), "median": median(values), "p95": p95(values), "most": max(values)}


def page(figures: Figures) -> str:
    lines = [
        "# Capacity",
        "",
        "Made by `python -m benchmarks.capacity`; no figure here is typed by hand.",
        "",
        *(line for part, lines in PARTS.items() if part in figures for line in lines(figures[part])),
        "## Measure again",
        "",
        "    python -m benchmarks.capacity.sustained --minutes 60 --out results.json",
        "    python -m benchmarks.capacity --sustained results.json --out docs",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _head(title: str, figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield machine_line(figures)
    yield load_line(figures["loads"], OWN_LOAD)
    yield ""


def _sizes(found: Mapping[str, Any]) -> Iterator[str]:
    fleet = found["fleet"]
    yield from _head("Disk", found)
    yield from paragraph(
        f"Measured on {found['days']} days of the shipped fleet: {fleet['hosts']} hosts, 4 exchanges, "
        f"{fleet['symbols']} symbols on each, a row of each series each 10 s. Bytes are those that the files "
        "take, after the write-ahead log was applied and removed; symbols are in them."
    )
    yield ""
    yield from table(
        ("table or view", "rows", "MB", "bytes a row", "kept"),
        [
            (f"`{one['table']}`", f"{one['rows']:,}", f"{one['bytes'] / 1e6:,.0f}",
             f"{one['bytes'] / one['rows']:.1f}", one["ttl"].lower())
            for one in found["tables"]
        ],
    )  # fmt: skip
    yield ""
    scratch = found["scratch"]
    yield from paragraph(
        "Until it is removed, the log of a row of `pipeline_metrics` takes "
        f"{scratch['log'] / scratch['rows']:.1f} bytes more (QuestDB looks for applied logs each 30 s). A day "
        f"of it as Parquet takes {scratch['parquet'] / scratch['day_rows']:.1f} bytes a row, and a sum over "
        f"that day {scratch['parquet_ms']:.0f} ms instead of {scratch['native_ms']:.0f} ms (`ALTER TABLE … "
        "CONVERT PARTITION TO PARQUET`)."
    )
    yield ""
    yield f"### {RETENTION} days"
    yield ""
    rows = []
    for hosts, symbols in FLEETS:
        each = gigabytes(found["tables"], hosts, symbols, RETENTION)
        written = sum(count / interval for count, interval in series(hosts, symbols).values() if interval == 10)
        cells = [f"{each[name]:,.1f}" for name in ("pipeline_metrics", "pipeline_1m")]
        rest = sum(each.values()) - sum(each[n] for n in ("pipeline_metrics", "pipeline_1m"))
        name = f"{counted(hosts, 'host')}, {counted(symbols, 'symbol')}"
        name += " (shipped)" if (hosts, symbols) == SHIPPED else ""
        rows.append((name, f"{written:,.0f}", *cells, f"{rest:,.1f}", f"**{sum(each.values()):,.1f}**"))
    yield "Gigabytes, by hosts and symbols on each of the four exchanges; a day is a ninetieth of it."
    yield ""
    yield from table(
        ("fleet", "rows a second", "`pipeline_metrics`", "`pipeline_1m`", "others", "all"),
        rows,
    )
    yield ""
    total = sum(gigabytes(found["tables"], *SHIPPED, RETENTION).values())
    if total <= MOST_GIGABYTES:
        yield f"{RETENTION} days of the shipped fleet stay under {MOST_GIGABYTES:g} GB."
    else:
        pipeline = gigabytes(found["tables"], *SHIPPED, RETENTION)["pipeline_metrics"]
        days = RETENTION * (MOST_GIGABYTES - total + pipeline) / pipeline
        packed = scratch["parquet"] / scratch["day_rows"]
        own = next(o["bytes"] / o["rows"] for o in found["tables"] if o["table"] == "pipeline_metrics")
        yield from paragraph(
            f"**{RETENTION} days of the shipped fleet take {total:.1f} GB, not {MOST_GIGABYTES:g}.** Under "
            f"{MOST_GIGABYTES:g} GB it needs a TTL of {days:.0f} days for the rows of `pipeline_metrics` (the "
            f"views keep {RETENTION}), or partitions older than a week as Parquet: "
            f"{total - pipeline * (RETENTION - 7) / RETENTION * (1 - packed / own):.1f} GB."
        )
    yield ""


def _sustained(found: Mapping[str, Any]) -> Iterator[str]:
    writers = found["writers"]
    yield from _head("Rows a second", found)
    rate = writers["written"] / writers["seconds"]
    met = rate >= ROWS_A_SECOND * 0.995 and not writers["refused"]
    yield from paragraph(
        f"{found['minutes']:g} minutes over an empty database, until {found['ended']} UTC: "
        f"{found['series']:,} series of `pipeline_metrics` ({found['symbols']:,} symbols on each of four "
        "exchanges, recorded by each of five hosts), a row each 10 s, through `Ingest` in 20 batches; beside "
        "them the rows of the other tables, five viewers with a refresh each 5 s over 6 hours, and all rules "
        "evaluated at their intervals. Writers, viewers and rules run on the same machine as the server."
    )
    yield ""
    verdict = "met" if met else "**missed**"
    yield from paragraph(
        f"{writers['written']:,} rows written, {rate:,.0f} a second (target {ROWS_A_SECOND:,}: {verdict}); "
        f"{writers['refused']} refused, {writers['retries']} batches sent again. The server used "
        f"{found['processor']:.2f} cores."
    )
    yield ""
    yield from table(
        ("", "median", "p95", "most"),
        [
            ("from the moment of a row to its acknowledgement, s", *_three(found["ingest_lag"], 2)),
            ("rows in the log that are not applied", *_three(found["behind"], 0)),
            ("age of the newest row that a query sees, s", *_three(found["age"], 1)),
            ("the same of `pipeline_1m`, from the end of its minute, s", *_three(found["view_age"], 1)),
            ("write-ahead log on disk, MB", *_three({k: v / 1e6 for k, v in found["log"].items()}, 0)),
        ],
    )
    yield ""
    yield "Loads of whole dashboards, seconds:"
    yield ""
    yield from table(
        ("dashboard", "loads", "median", "p95", "longest", "queued", "failed"),
        [
            (uid, f"{one['count']:,}", *_three(one, 2), f"{one['queued']}", f"{one['failed']}")
            for uid, one in found["dashboards"].items()
        ],
    )
    yield ""
    slow = [uid for uid, one in found["dashboards"].items() if one["p95"] > LOAD_SECONDS]
    if slow:
        yield f"**Missed**: {', '.join(slow)} over {LOAD_SECONDS:g} s for 95 of 100 loads."
        yield ""
    yield "Evaluations of alert rules, seconds:"
    yield ""
    yield from table(
        ("rule", "evaluations", "median", "p95", "longest", "late", "failed"),
        [
            (f"`{one['rule']}`", f"{one['count']:,}", *_three(one, 3), f"{one['late']}", f"{one['failures']}")
            for one in found["alerts"]
        ],
    )
    yield ""
    yield "Memory and disk in the course of the run, MB:"
    yield ""
    yield from table(
        ("minute", "resident", "of it no mapped file", "of that taken by QuestDB beside Java's heap", "disk", "log",
         "load average"),
        [
            (f"{one['at'] / 60:.0f}", *(f"{one[name] / 1e6:,.0f}" for name in _COURSE),
             f"{one['load']:.1f}")
            for one in found["course"]
        ],
    )  # fmt: skip
    yield ""


_COURSE = ("memory", "private", "native", "disk", "log")


def _three(found: Mapping[str, float], digits: int) -> Iterator[str]:
    return (f"{found[name]:,.{digits}f}" for name in ("median", "p95", "most"))


def _delays(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## From the fault to the page"
    yield ""
    yield from paragraph(
        f"Critical rules on Grafana {found['grafana']}, by the simulator: the slowest of tests/alerts from "
        f"the fault to the alert, then the policy's `group_wait`. Pages are counted in {found['days']} days "
        "of the demo data, which hold many outages on purpose, about half of them too short for an alert: "
        f"those that page today, and those that last long enough for a page {found['target']:g} s after the "
        "fault. Rules with – read the server's own tables, which tell of now only."
    )
    yield ""
    rows = []
    for one in found["rules"]:
        pages = one["pages"]
        number = (f"{pages['today']}", f"{pages['soon']}") if pages else ("–", "–")
        verdict = "yes" if one["page"] < found["target"] else "**no**"
        name = f"`{one['rule']}`" + (" (paused)" if one["paused"] else "")
        rows.append(
            (name, f"{one['interval']} s", clock(one["pending"]), clock(one["fires"]), clock(one["group_wait"]),
             clock(one["page"]), verdict, *number)
        )  # fmt: skip
    yield from table(
        ("rule", "evaluated each", "pending", "alert after", "group wait", "page after", f"under {found['target']:g} s",
         "pages", f"pages at {found['target']:g} s"),
        rows,
    )  # fmt: skip
    yield ""
    late = [one for one in found["rules"] if one["page"] >= found["target"]]
    if late:
        more = sum(one["pages"]["soon"] - one["pages"]["today"] for one in late if one["pages"])
        today = sum(one["pages"]["today"] for one in late if one["pages"])
        yield from paragraph(
            f"**Missed** by {len(late)} of {len(found['rules'])} rules, on purpose. In the demo data pages within "
            f"{found['target']:g} s would be at least {today + more:,} instead of {today:,}: the outages of the "
            f"{more:,} others were over before today's page. A page that is over before anybody looks teaches to "
            "ignore pages. What a rule may wait at most for its page to be in time, limit and pending period together, "
            "is the target less the group wait, the interval of rows, and that of evaluations: "
            + ", ".join(f"`{one['rule']}` {_most_wait(one, found['target']):g} s" for one in late)
            + "."
        )
        yield ""


def _most_wait(rule: Mapping[str, Any], target: float) -> float:
    return max(0.0, target - float(rule["group_wait"]) - WRITE_INTERVAL - float(rule["interval"]))


PARTS = {"sizes": _sizes, "sustained": _sustained, "delays": _delays}
