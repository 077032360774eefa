"""Dashboards that exist already, listed in a project as they are: of other libraries, and as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.forms import read_form
from dashgen.input_files import json_value, read_bytes
from dashgen.model.core.problems import Problem, SpecError, here, specs_root
from dashgen.model.dashboards.foreign import DOCUMENT, ForeignDashboard
from dashgen.model.dashboards.foreign import as_dashboard as of_library


def as_dashboard(value: object, folder: str = "default") -> ForeignDashboard:
    """Makes an existing dashboard a dashboard of a project. It is copied: later changes of `value` have no effect.

    JSON may have any format in which Grafana exports or serves dashboards. It is migrated to the newest schema version,
    as Grafana does. `dashgen import` converts the same documents to specs.

    Args:
        value: A dashboard builder or a dashboard of the Foundation SDK, a Dashboard of grafanalib, a dict of JSON, or
            the path of a JSON file, relative to the specs folder unless it is absolute.
        folder: Name of one of the environment's `folders`.
    """
    if isinstance(value, dict):
        return _of_document(value, "the dict", folder)
    if isinstance(value, (str, Path)):
        root = specs_root() or Path(sys._getframe(1).f_code.co_filename).parent
        return _of_document(_content(root / value, str(value)), str(value), folder)
    return of_library(value, folder)


def _of_document(data: Any, called: str, folder: str) -> ForeignDashboard:
    try:
        found = read_form(data)
    except DashboardError as error:
        raise _refused(f"{called}: {error}", "export the dashboard as JSON from Grafana") from None
    uid = found.uid or found.dashboard.get("uid", "")
    return ForeignDashboard(json=json.dumps({**found.dashboard, "uid": uid}), origin=DOCUMENT, folder=folder)


def _content(path: Path, called: str) -> Any:
    try:
        return json_value(read_bytes(path))
    except OSError as error:
        raise _refused(f"{called}: can't be read: {error.strerror or error}", "a path below the specs folder") from None
    except ValueError as error:
        raise _refused(f"{called}: {error}", "export it again from Grafana") from None


def _refused(message: str, hint: str) -> SpecError:
    return SpecError(Problem("as_dashboard", message, hint, here()))
