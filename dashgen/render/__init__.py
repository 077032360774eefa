"""Model → documents. Pure: the same project, environment and ledger give the same bytes, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import DashboardFacts, DeferredDashboard, facts_of
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import alerting, deletions, provisioning, query_problems
from dashgen.render.dashboards import RenderContext, dashboard
from dashgen.render.foreign import foreign_dashboard
from dashgen.render.serialise import json_bytes, yaml_bytes
from dashgen.render.targets import Datasources
from dashgen.schema.validate import SchemaName
from dashgen.tree import paths
from dashgen.tree.ledger import ATTRIBUTES, encode
from dashgen.tree.read import RenderedTree, parse

__all__ = ["Document", "render"]


class Document(NamedTuple):
    """One file of the rendered tree. `path` is relative and has '/'; `schema` names what validates it (None for plain
    text); `owner` is the object of the model that it comes from."""

    path: str
    data: bytes
    schema: SchemaName | None = None
    owner: object = None
    problems: tuple[Problem, ...] = ()
    """What was found wrong in the SQL on the way, such as a macro that the datasource does not know."""
    content: object = None
    """What `data` say, where they were made of JSON data. Nobody may change it."""


def intervals(project: Project) -> dict[str, float]:
    """Seconds by table and view, where they are declared: the write interval, or the view's bucket."""
    out: dict[str, float] = {}
    for cls in project.tables:
        out.update(cls.__table__.intervals)  # type: ignore[attr-defined]  # what @table attaches; Project checks it
    return out


def render(project: Project, environment: Environment, ledger: frozenset[str] = frozenset()) -> Iterator[Document]:
    """Every document of one environment, without those of deferred dashboards, see `kept_documents`. `ledger` is the
    uids that were ever published."""
    context = RenderContext(environment, project.env_values, Datasources.of(environment), intervals(project))
    folders: set[str] = set()
    uids = set(ledger)
    for value in project.dashboards:
        folder = environment.folder(value.folder)
        if folder is None:
            continue  # found and reported by project.check
        folders.add(value.folder)
        uid = environment.uid_prefix + value.uid
        uids.add(f"dashboard {uid}")
        if type(value) is DeferredDashboard:
            continue  # the document that an earlier build rendered stays
        if isinstance(value, Dashboard):
            content: object = dashboard(value, context)
            problems = tuple(query_problems.of_dashboard(value, environment, context.datasources))
        else:
            content, problems = foreign_dashboard(value, environment)
        yield Document(paths.dashboard(folder.uid, uid), json_bytes(content), "dashboard", value, problems, content)
    provisioned = []
    if provisioning.guarded(environment, folders):
        yield Document(paths.RESTART_GUARD, provisioning.GUARD_TEXT)
    if folders:
        data = provisioning.providers(environment, folders)
        provisioned.append(Document(paths.PROVIDERS, data, "dashboards"))
    if environment.datasources:
        data = provisioning.datasources(environment)
        provisioned.append(Document(paths.DATASOURCES, data, "datasources"))
    alerting_files = [Document(*file) for file in alerting.files(project, environment, context.datasources)]
    published = frozenset(alerting.published(project, environment))
    gone = deletions.deletions(ledger, published, environment)
    if gone:
        provisioned.append(Document(paths.DELETIONS, yaml_bytes(gone), "deletions"))
    provisioned += alerting_files
    uids |= published
    yield from provisioned
    yield from questdb(project)
    yield Document(paths.VARIABLES, provisioning.environment_example(_with_references(provisioned)))
    yield Document(paths.GIT_ATTRIBUTES, ATTRIBUTES)
    yield Document(paths.LEDGER, encode(uids), "published")


def kept_documents(project: Project, environment: Environment) -> Iterator[tuple[str, DashboardFacts]]:
    """The paths of the documents that are not rendered again, which must be in the tree."""
    for value in project.deferred_dashboards:
        folder = environment.folder(value.folder)
        if folder is not None:
            yield paths.dashboard(folder.uid, environment.uid_prefix + value.uid), facts_of(value)


def _with_references(documents: Iterable[Document]) -> Iterator[Mapping[str, Any]]:
    """Parsed, those in which an author's reference to a variable is kept as one."""
    for document in documents:
        if b"${" in document.data and document.schema in ("dashboards", "datasources", "contact-points"):
            data = parsed(document)
            if isinstance(data, dict):
                yield data


def questdb(project: Project) -> Iterator[Document]:
    """The DDL of the project's tables and the same as data; nothing for a project without tables."""
    if not project.tables:
        return
    from dashgen.model.tables.table import table_of  # pydantic, which a project without tables need not load
    from dashgen.render import ddl

    tables = [table_of(cls) for cls in project.tables]
    yield Document(paths.TABLES_SQL, ddl.tables_sql(tables).encode())
    if any(table.views for table in tables if not table.written_by_others):
        yield Document(paths.VIEWS_SQL, ddl.views_sql(tables).encode())
    yield Document(paths.SCHEMA, json_bytes(ddl.schema_document(tables)), "tables")


def parsed(document: Document) -> object:
    """A document's data, read back from its bytes: what is validated is what is written."""
    return parse(document.path, document.data)


def rendered_tree(environment: Environment, documents: Iterable[Document], folder: Path = Path()) -> RenderedTree:
    """What was rendered for an environment as a tree, to be written to `folder`."""
    return RenderedTree(environment.name, {d.path: d.data for d in documents}, folder)
