"""What each cache of dashgen saves, on the shipped specs: `python -m benchmarks.caches`.

A load, a build of every environment, a check without a server, the data dictionary, a diff, and fifty evaluations of
what alert tests repeat. Of each cache: how often it answered, how often it did not, the processor's time of one answer
without it (what it calls answers from its own cache), and their product. `CACHES` says why each is there; a test holds
it against the code.

Measured on two shared cores (saved, in milliseconds): lineage._schema 4,490; _without_blanks 2,930; parser._parsed
2,200; tokenize 1,040; every_select 540; unit_spellings 520; relations 500; _variables 400; _judge 190; _for_plugin 170;
macros 130; rules 93; gotemplate's parse 89; sql_lines 67; no_query 66; is_spliced 55; names_of 29; _regex 14; _measures
8. ids.slug and ids.panel_id save 2 there, and 0.2 s of a build of 20,000 panels (4 to 14 µs an answer, four questions a
panel). render.panels._FRAMES saves 48 µs a panel: 70 against 170 ms for 2,000 panels. What gives no answer there makes
a class, a writer or a compiled condition once, for every row that follows.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CACHES = {
    "adopt.dashboard_types._judge": "a schema is compiled once: 38 ms",
    "check.inlined_columns._without_blanks": "the same inner queries in every panel of a board",
    "check.rules.rules": "the modules of all rules are found once",
    "check.unquoted_variables.is_spliced": "asked by several rules of each variable",
    "diff.lines.sql_lines": "the same SQL in many panels of both trees",
    "grafana.alerting.math_language.parse": "an expression is evaluated at each of thousands of ticks",
    "grafana.datasources.times.rfc3339": "the same instants in each row of a frame",
    "grafana.datasources.variable_columns.names_of": "asked for each variant of a variable's query",
    "grafana.gotemplate.syntax.parse": "a template is filled in at each message",
    "grafana.notification_policies._regex": "a matcher is asked for each alert and policy",
    "grafana.units._measures": "a table of all units is made once",
    "model.core.documentation._module": "a module's source is parsed once for all of its classes",
    "model.core.fields.FIELDS": "the fields that a class declares: what `node` found, no cache",
    "model.core.ids.panel_id": "asked of each panel by each environment, its links and its alerts",
    "model.core.ids.slug": "as panel_id",
    "model.core.node._COMPARED": "a class's fields are listed once for all comparisons",
    "model.core.node._SHAPES": "a class's fields and checks are listed once for all constructions",
    "model.core.source_map.arguments._places": "a module's source is parsed once for all of its problems",
    "model.core.source_map.arguments._read": "as _places",
    "model.dashboards.unit_spellings._spellings": "a table of all spellings is made once",
    "model.tables.row_constraints.compiled": "a row's conditions are compiled once, and asked of every row",
    "model.tables.table._unchecked_class": "a class is made once for each table",
    "model.core.source_map.signatures.POSITIONAL": "filled with _SHAPES",
    "questdb.lines.writer": "a writer of lines is made once for each table",
    "render.panels._FRAMES": "most panels of a kind say the same",
    "render.query._for_plugin": "the query of each panel, by build, check and dictionary",
    "schema.validate._dashboard_judge": "as _judge, for the kinds of panels that a project has: 3 ms",
    "schema.validate._explainer": "as _judge, of the library that explains",
    "schema.validate._judge": "a schema is compiled once: 38 ms",
    "sql.lexer._variables": "asked of each query by the renderer and several rules",
    "sql.lexer.macros": "as _variables",
    "sql.lexer.tokenize": "each query, by parser, renderer and rules",
    "sql.lineage._schema": "the columns of a project's tables, for each query",
    "sql.parser._parsed": "each query, by some thirty rules",
    "sql.reads.every_select": "as _parsed",
    "sql.reads.relations": "each query, by renderer (the interval of its tables) and rules",
    "sql.statements.no_query": "asked of each query by build and check",
}
"""Each cache by its path below `dashgen`, and what is asked again."""

_LRU_CACHE, _CACHE = functools.lru_cache, functools.cache


class Timed:
    """A cached function, and what its answers took that were not in the cache."""

    def __init__(self, function: Callable[..., Any], maxsize: int | None) -> None:
        self.seconds = 0.0

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - began

        self.cached = _LRU_CACHE(maxsize=maxsize)(timed)
        functools.update_wrapper(self.cached, function)


FOUND: dict[str, Timed] = {}


def _watched(function: Callable[..., Any], maxsize: int | None) -> Any:
    if not function.__module__.startswith("dashgen."):
        return _LRU_CACHE(maxsize=maxsize)(function)
    made = FOUND[f"{function.__module__.removeprefix('dashgen.')}.{function.__qualname__}"] = Timed(function, maxsize)
    return made.cached


def watch() -> None:
    """Has to come before dashgen is imported: its decorators are watched from then on."""

    def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:
        return _watched(maxsize, 128) if callable(maxsize) else lambda function: _watched(function, maxsize)

    functools.lru_cache = lru_cache
    functools.cache = lambda function: _watched(function, None)


def work(specs: Path) -> None:
    from dashgen.check import run as checking
    from dashgen.dictionary import dictionary
    from dashgen.diff.assemble import review
    from dashgen.grafana.alerting.math_language import parse as parse_math
    from dashgen.grafana.datasources.times import rfc3339
    from dashgen.loading.load import load
    from dashgen.pipeline import invalid
    from dashgen.project_checks import check
    from dashgen.render import render
    from dashgen.tree.read import RenderedTree

    project = load(specs).project
    assert project is not None
    assert not check(project)
    trees = []
    for environment in project.environments:
        documents = tuple(render(project, environment))
        assert not list(invalid(documents, project))
        trees.append(RenderedTree(environment.name, {one.path: one.data for one in documents}))
    review("prod", trees[0], trees[-1])
    scope = checking.Scope.of(project, specs)
    checking.report(scope, checking.read(scope), ("text", "project"))
    dictionary(project)
    for tick in range(50):
        parse_math("$A > 5 && $B < 3")
        rfc3339(1_700_000_000_000_000 + tick // 10)


def main() -> None:
    watch()
    work(Path("specs"))
    print(f"{'cache':<48} {'hits':>8} {'misses':>8} {'µs each':>9} {'saves ms':>9}")
    rows = []
    for name, one in FOUND.items():
        info = one.cached.cache_info()
        each = one.seconds / info.misses if info.misses else 0.0
        rows.append((info.hits * each, name, info.hits, info.misses, each))
    for saved, name, hits, misses, each in sorted(rows, reverse=True):
        print(f"{name:<48} {hits:>8,} {misses:>8,} {each * 1e6:>9.1f} {saved * 1000:>9.1f}")


if __name__ == "__main__":
    main()
