"""Whether the server takes the SQL of demo data and outages, and the table's declaration their values, without a row of
them being written."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import UTC, datetime

from dashgen.check.answer_cache import CachedRefusal
from dashgen.check.rule import DemoFault
from dashgen.check.session import Session
from dashgen.model.core.problems import Problem
from dashgen.model.project import Project
from dashgen.questdb.demo import acting, out_of_bounds, outside, refusals, rows_of
from dashgen.sql.statements import NOT_SENT

_START = datetime(2026, 1, 5, tzinfo=UTC)
"""Any moment: the same text each day, so that answers can be kept."""
_MOMENT = f"'{_START:%Y-%m-%dT%H:%M:%SZ}'"
"""As `dashgen test --demo` puts `{start}` and `{end}`."""


def faults(project: Project, session: Session, env: str, missing: Set[str]) -> Iterator[DemoFault]:
    """What the server or the declaration of the table refuses; `missing` are tables that it has not."""
    parameters = project.demo_parameters
    for demo in project.demos:
        if demo.table.name in missing or not demo.count(parameters):
            continue
        if wrong := acting(demo):
            for problem in wrong:
                yield DemoFault("refused", problem)
            continue
        answer = session.ask(rows_of(demo, parameters, env, _START))
        if isinstance(answer, CachedRefusal):
            client = session.start().client
            for problem in refusals(client, demo, parameters, env, _START, answer.message):
                yield DemoFault("refused", problem)
        elif (sql := outside(demo, parameters, env, _START)) and session.value(sql):
            for problem in out_of_bounds(session.start().client, demo, parameters, env, _START):
                yield DemoFault("refused", problem)
        elif sql in session.endless:
            hint = "make a formula cheaper: it is computed for each row"
            problem = Problem(demo.called(), "QuestDB makes no rows of a day in time", hint, demo.source, demo)
            yield DemoFault("refused", problem)
    for outage in project.outages:
        answer = session.ask(outage.query.format(start=_MOMENT, end=_MOMENT))
        if isinstance(answer, CachedRefusal):
            path = f"Outage {outage.name!r}"
            said = answer.message if answer.message.endswith(NOT_SENT) else f"QuestDB refuses it: {answer.message}"
            yield DemoFault("refused", Problem(path, f"query: {said}", owner=outage, field="query"))
