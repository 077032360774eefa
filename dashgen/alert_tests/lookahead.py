"""What a rule sees of later rows when they are there already: over past data, or in a test that writes them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.model.tables.table import table_of
from dashgen.sql.ast import Query
from dashgen.sql.lexer import macros
from dashgen.sql.parser import understood
from dashgen.sql.reads import functions, reads

_BOUNDS = ("timeFilter", "toTime", "timeTo")
_OF_THE_SERVER = frozenset(
    {
        "all_tables", "materialized_views", "memory_metrics", "query_activity", "reader_pool", "table_partitions",
        "table_storage", "tables", "wal_tables", "wal_transactions", "writer_pool",
    }
)  # fmt: skip


def hindsight(rule: RuleSpec, classes: Mapping[str, type]) -> Iterator[str]:
    """Sentences, one for each way; none where every evaluation sees what it would have seen in its time."""
    views = {view.name.lower(): view for cls in classes.values() for view in table_of(cls).views}
    for query in rule.queries:
        if not query.sql:
            continue
        who = f"{rule.uid}, query {query.ref_id}"
        tree = understood(query.sql)
        if tree is None:
            yield f"{who}: dashgen can't read it, so it may see rows that came later"
            continue
        read = [one.name.lower() for one in reads(tree)]
        if asked := _asked(tree):
            yield f"{who}: {_listed(asked)} tells how the server is now, not how it was then"
        for name in sorted(views.keys() & set(read)):
            bucket = views[name].bucket
            yield f"{who}: of the bucket of {name} ({bucket}) that was filling it sees rows that came later"
        # A table that is read twice needs two bounds; which bound is whose is not looked at.
        bounds = sum(macro.name in _BOUNDS for macro in macros(query.sql))
        if bounds < len(read):
            yield f"{who}: it reads {_listed(read)} without an upper bound ($__toTime or $__timeFilter): all later rows"


def sees_beyond(rule: RuleSpec, classes: Mapping[str, type]) -> bool:
    return any(hindsight(rule, classes))


def _asked(query: Query) -> list[str]:
    """The functions about the server that it takes rows from."""
    called = (source.function.name for source in functions(query) if source.function)
    return [f"{name}()" for name in called if name in _OF_THE_SERVER]


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(set(names)))
