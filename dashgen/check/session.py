"""A server with the declared tables and views on it, which is asked about queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import NamedTuple, Self

from dashgen.check.answer_cache import Answer, CachedRefusal, CachedValue, Kept, schema, statement_digest
from dashgen.check.expansion import Case, expand
from dashgen.check.rule import NotCreated, Subject
from dashgen.check.run_variants import cases
from dashgen.digests import digest
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.macro_names import check
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.positions import Expanded
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB, QueryError
from dashgen.questdb.describe import Described, DescriberPool, NoAnswerError
from dashgen.questdb.extras import import_client
from dashgen.questdb.server import Compiler
from dashgen.render.ddl import create_table, create_view
from dashgen.sql.statements import NOT_SENT, no_query


class Try(NamedTuple):
    """One way to run a query, what it became on the way to the server, and what the server said."""

    case: Case
    text: Expanded
    answer: Answer


class Session:
    """Answers about queries: from this session, from what earlier runs kept, else from a server.

    The server is started when it is first needed (`starting` is called then), with the project's tables and views on
    it, and stopped with the `with` block; one that is given is used instead. To try many variants of one query keep
    one session, hand `dataclasses.replace(subject, query=Query(text))` to `dashgen.check.engine.examine`: about a
    millisecond for each distinct text that the query becomes, and no process started.
    """

    def __init__(
        self,
        project: Project,
        *,
        server: EmbeddedQuestDB | None = None,
        kept: Kept | None = None,
        starting: Callable[[], None] = lambda: None,
        compiler: Compiler = "quick",
        is_reused: bool = False,
    ) -> None:
        self.project = project
        self._is_reused = is_reused
        self._starting = starting
        self._compiler = compiler
        self.asked = 0
        self._statements: set[str] = set()
        self._tried: tuple[Subject, tuple[Try, ...]] | None = None
        """The subject that was tried last: the next question is often about the same one."""
        self.not_created: tuple[NotCreated, ...] = ()
        self.endless: set[str] = set()
        """Queries of one value that did not end within the time that they have."""
        self._server = server
        self._kept = kept or Kept(None)
        self._describers: DescriberPool | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Keeps the answers, and stops the server if the session started it."""
        if not self.not_created and (self._describers or self._kept.is_deployable):
            self._kept.save()
        self._describers = None
        self._stack.close()

    @property
    def statements(self) -> int:
        """How many distinct texts were asked about, whoever answered."""
        return len(self._statements)

    def statements_of(self, subject: Subject) -> list[str]:
        """Digests of the distinct texts that a query becomes."""
        return list(dict.fromkeys(statement_digest(one.text.text) for one in self.tries(subject)))

    def count(self, statements: Iterable[str]) -> None:
        """Counts texts by their digests that an earlier run asked about."""
        self._statements.update(statements)

    @property
    def needs_server(self) -> bool:
        """Whether nobody knows yet that the tables and views can be made."""
        return not self._kept.is_deployable and self._describers is None

    def start(self) -> EmbeddedQuestDB:
        """The server, with the tables and views. Those that it refuses are in `not_created` then."""
        if self._describers is None:
            import_client()
            self._starting()
            server = self._server or self._stack.enter_context(EmbeddedQuestDB(compiler=self._compiler))
            self._server = server
            if self._is_reused:
                self.not_created = _made_anew(server, self.project)
            else:
                self.not_created = tuple(_create(server, self.project))
            self._describers = self._stack.enter_context(closing(DescriberPool(server.readonly_dsn)))
        assert self._server is not None  # noqa: S101  # set above
        return self._server

    def ask(self, text: str) -> Answer:
        """The columns of an expanded text, or why the server refuses it."""
        return self.ask_all((text,))[0]

    def ask_all(self, texts: Sequence[str]) -> list[Answer]:
        """What `ask` says of each. Those that nobody knows yet are asked at the same time."""
        answers = {text: self._known(text) for text in texts}
        new = [text for text, answer in answers.items() if answer is None]
        if new:
            self.start()
            assert self._describers is not None  # noqa: S101  # `start` sets it
            self.asked += len(new)
            for text, said in zip(new, self._describers.describe(new), strict=True):
                answers[text] = answer = _answer(said)
                self._kept.put(text, answer)
        return [answer for answer in map(answers.get, texts) if answer is not None]

    def _known(self, text: str) -> Answer | None:
        """What can be said without the server; None if nothing."""
        if acts := no_query(text):
            return CachedRefusal(f"{acts.message}{NOT_SENT}", acts.start)
        self._statements.add(statement_digest(text))
        return self._kept.get(text)

    def value(self, text: str) -> object:
        """The truth that a query of one value comes to, None for any other value and where the server refuses it."""
        known = CachedValue(None) if no_query(text) else self._kept.value(text)
        if known is None:
            self.start()
            assert self._describers is not None  # noqa: S101  # `start` sets it
            self.asked += 1
            try:
                known = CachedValue(self._describers.truth(text))
            except NoAnswerError:
                self.endless.add(text)
                return None
            except QueryError:
                known = CachedValue(None)
            self._kept.put_value(text, known)
        return known.truth

    def tries(self, subject: Subject) -> tuple[Try, ...]:
        """Every way to run the query. Raises `MacroError`, with its start in the author's text, for a macro that its
        data source does not know or can't expand."""
        if self._tried is None or self._tried[0] is not subject:
            ways = list(expansions(subject))
            answers = self.ask_all([text.text for _, text in ways])
            self._tried = subject, tuple(Try(*way, answer) for way, answer in zip(ways, answers, strict=True))
        return self._tried[1]

    def accepts(self, subject: Subject) -> bool:
        """Whether the server takes the query in every way that it is run."""
        try:
            return not any(isinstance(one.answer, CachedRefusal) for one in self.tries(subject))
        except MacroError:
            return False

    def described(self, subject: Subject) -> Subject:
        """The subject with its columns, if any way to run it is accepted; and those beside it likewise."""
        beside = tuple(replace(other, columns=self._columns(other)) for other in subject.beside)
        return replace(subject, columns=self._columns(subject), beside=beside)

    def _columns(self, subject: Subject) -> tuple[WireColumn, ...] | None:
        try:
            found = (self.ask(text.text) for _, text in expansions(subject))
            return next((answer for answer in found if not isinstance(answer, CachedRefusal)), None)
        except MacroError:
            return None


def _answer(said: Described) -> Answer:
    if isinstance(said, QueryError):
        return CachedRefusal(said.message, said.position)
    return tuple(WireColumn(column.name, column.oid) for column in said)


def expansions(subject: Subject) -> Iterator[tuple[Case, Expanded]]:
    """Each case with the text that reaches the server. Raises `MacroError`."""
    check(subject.sql, subject.dialect)
    for case in cases(subject):
        yield case, expand(subject, case)


@contextmanager
def check_session(server: EmbeddedQuestDB, project: Project) -> Iterator[Session]:
    """Makes a session for `check_query`, which runs queries on a running server. Its results are not cached for later
    runs.

    Args:
        server: The server, on which the project's tables are created.
        project: The project that declares the tables.
    """
    with Session(project, server=server) as session:
        session.start()
        yield session


def _made_anew(server: EmbeddedQuestDB, project: Project) -> tuple[NotCreated, ...]:
    """What can't be made on a server that earlier sessions had. Where they made the same, it is all there."""
    noted, wanted = server.folder / _DECLARED, digest(*schema(project))
    if noted.exists() and noted.read_text() == wanted:
        return ()
    noted.unlink(missing_ok=True)
    server.execute("DROP ALL")
    not_created = tuple(_create(server, project))
    if not not_created:
        noted.write_text(wanted)
    return not_created


_DECLARED = "declared-tables"
"""A file in the server's folder: a digest of the tables and views that are on it."""


def _create(server: EmbeddedQuestDB, project: Project) -> Iterator[NotCreated]:
    """What can't be made. Views of a table that can't be are left out: they have no fault of their own."""
    for cls in project.tables:
        table = table_of(cls)
        wrong = _refused(server.execute, create_table(table))
        if wrong:
            yield NotCreated(cls, table.name, wrong.message, wrong.position, create_table(table))
            continue
        for view in table.views:
            wrong = _refused(server.execute, create_view(view))
            if wrong:
                yield NotCreated(cls, view.name, wrong.message, wrong.position, create_view(view))


def _refused(execute: Callable[[str], None], sql: str) -> CachedRefusal | None:
    try:
        execute(sql)
    except QueryError as error:
        return CachedRefusal(error.message, error.position)
    return None
