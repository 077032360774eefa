"""A deployed server against what is declared: its tables, and whether it takes the queries. It is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dashgen.check.answer_cache import CachedRefusal
from dashgen.check.engine import place
from dashgen.check.rule import Deployed, Refusal, Subject
from dashgen.check.session import Try, expansions
from dashgen.grafana.datasources.macros import MacroError
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.questdb import Client, QueryError
from dashgen.questdb.migrate import plan

_EXPLAIN = "EXPLAIN "


def drift(client: Client, project: Project) -> Iterator[Deployed]:
    """Where the server's tables and views are not the declared ones. Raises as `Client.query` does."""
    for cls in project.tables:
        name = table_of(cls).name
        planned = plan(client, [table_of(cls)])
        for step in planned.steps:
            caution = f"; {step.caution}" if step.caution else ""
            yield Deployed(name, f"{step.reason}{caution}", f"dashgen db migrate --to {client.url}", cls)
        for refusal in (*planned.refusals, *planned.differing):
            yield Deployed(refusal.path, refusal.message, refusal.hint, cls)


def refused(client: Client, subjects: Sequence[Subject], progress: Callable[[int, int], None]) -> Iterator[Refusal]:
    """The queries that the server does not take. Each is explained once, as its dashboard opens: an EXPLAIN names what
    is not there and runs nothing. `subjects` must be such as another server described: an EXPLAIN of something else
    than a query is never sent."""
    answers: dict[str, CachedRefusal | None] = {}
    for done, subject in enumerate(subjects):
        progress(done, len(subjects))
        try:
            case, text = next(iter(expansions(subject)))
        except MacroError:
            continue
        if text.text not in answers:
            answers[text.text] = _explained(client, text.text)
        answer = answers[text.text]
        if answer is not None:
            at = place(subject.sql, Try(case, text, answer))
            yield Refusal(subject, answer.message, at, ())
    progress(len(subjects), len(subjects))


def _explained(client: Client, text: str) -> CachedRefusal | None:
    try:
        client.query(_EXPLAIN + text)
    except QueryError as error:
        known = error.position is not None and error.position >= len(_EXPLAIN)
        return CachedRefusal(
            error.message, error.position - len(_EXPLAIN) if known and error.position is not None else None
        )
    return None
