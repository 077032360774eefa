"""What a rule sees of later rows when they are there already: over past data, or in a test that writes them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from dashgen.model.sql import macros, tokenize
from dashgen.model.table import table_of
from dashgen.simulate.rule import RuleQuery, RuleSpec

_BOUNDS = ("timeFilter", "toTime", "timeTo")
_OF_THE_SERVER = frozenset(
    {
        "all_tables", "materialized_views", "memory_metrics", "query_activity", "reader_pool", "table_partitions",
        "table_storage", "tables", "wal_tables", "wal_transactions", "writer_pool",
    }
)  # fmt: skip


def hindsight(rule: RuleSpec, classes: Mapping[str, type]) -> Iterator[str]:
    """Sentences, one for each way; none where every evaluation sees what it would have seen in its time."""
    views = {view.name: view for cls in classes.values() for view in table_of(cls).views}
    for query in rule.queries:
        if not query.sql:
            continue
        read, asked = sources(query)
        who = f"{rule.uid}, query {query.ref_id}"
        if asked:
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


def sources(query: RuleQuery) -> tuple[list[str], list[str]]:
    """The names after FROM and JOIN that are tables or views, as often as they stand there, and those that are
    functions about the server."""
    tokens = [token for token in tokenize(query.sql) if token.kind not in ("space", "comment")]
    words = [token.text.strip('"').lower() if token.kind in ("word", "quoted") else token.text for token in tokens]
    read: list[str] = []
    asked: list[str] = []
    for index, word in enumerate(words[:-1]):
        if word not in ("from", "join") or tokens[index + 1].kind not in ("word", "quoted"):
            continue
        name = words[index + 1]
        if words[index + 2 : index + 3] != ["("]:
            read.append(name)
        elif name in _OF_THE_SERVER:
            asked.append(f"{name}()")
    # `WITH name AS (…)`: what it reads is read inside.
    named = {word for word, after in pairwise(words) if after == "as"} if words[:1] == ["with"] else set()
    return [name for name in read if name not in named], asked


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(set(names)))
