"""Modules that specs imported by their paths before `from dashgen import …` had all names: they can still be imported.

A path that is not here any more leads to where its names are now. Nothing is loaded until such a path is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "gotemplate.guards": "grafana.gotemplate.guards",
    "lint.engine": "check.engine",
    "lint.session": "check.session",
    "lint.subjects": "check.query_collection",
    "model.alert": "model.alerting.alert",
    "model.colors": "model.generated.colors",
    "model.dashboard": "model.dashboards.dashboard",
    "model.demo": "model.tables.demo",
    "model.documentation": "model.core.documentation",
    "model.expression": "model.alerting.expression",
    "model.field": "model.dashboards.field",
    "model.foreign": "model.dashboards.foreign",
    "model.ignore": "model.core.ignore",
    "model.link": "model.dashboards.link",
    "model.notification": "model.alerting.notification",
    "model.panel": "model.dashboards.panel",
    "model.problems": "model.core.problems",
    "model.query": "model.dashboards.query",
    "model.receiver": "model.alerting.receiver",
    "model.reducers": "model.generated.reducers",
    "model.refresh": "model.generated.refresh",
    "model.row_constraints": "model.tables.row_constraints",
    "model.rows": "model.tables.rows",
    "model.rules": "model.tables.row_constraints",
    "model.table": "model.tables.table",
    "model.units": "model.generated.units",
    "model.variable": "model.dashboards.variable",
    "project.alert_files": "loading.alert_files",
    "simulate.cases": "alert_tests.test_model",
    "simulate.suite": "alert_tests.suite",
    "simulate.testfile": "alert_tests.test_file",
    "simulate.world": "alert_tests.fixture",
}
"""Where the names of a module are now; both paths below `dashgen`."""
RENAMED = {
    "check.engine": {"examine": "check_query"},
    "check.query_collection": {"collect": "collect_queries"},
    "check.session": {"on_server": "check_session"},
    "alert_tests.fixture": {"world_of": "fixture_of"},
    "alert_tests.suite": {"World": "Fixture", "run_suite": "run_alert_tests", "Outcome": "AlertTestOutcome"},
    "model.tables.row_constraints": {"Connection": "ReconnectCounter", "Fault": "RowFault"},
    "model.tables.rows": {"Finding": "RowFinding", "validate": "validate_rows"},
    "model.tables.table": {"Table": "TableSchema"},
}
"""What a name of such a module is called now."""
_PACKAGES = {path.rpartition(".")[0] for path in MOVED} - {"model"}  # of which nothing is left


class MovedModules:
    """A finder for `sys.meta_path`: asked last, for what no other finds."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, moved = name.partition(".")
        if package != "dashgen" or not (moved in MOVED or moved in _PACKAGES):
            return None
        return ModuleSpec(name, cls, is_package=moved in _PACKAGES)  # type: ignore[arg-type]  # importlib.abc costs 5 ms

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType | None:
        return None  # an empty module, as usual

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        moved = module.__name__.partition(".")[2]
        if moved in _PACKAGES:
            return
        now = MOVED[moved]
        home = import_module(f"dashgen.{now}")
        renamed = RENAMED.get(now, {})
        public = [name for name in vars(home) if not name.startswith("_")]
        module.__doc__ = f"What `{home.__name__}` has, by its earlier path."
        vars(module).update({name: getattr(home, name) for name in public})
        vars(module).update({before: getattr(home, name) for before, name in renamed.items()})
