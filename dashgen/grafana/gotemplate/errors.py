"""Why a template can't be read, or fails when it runs."""

from __future__ import annotations

from dashgen.model.core.problems import DashgenError


class TemplateError(DashgenError, ValueError):
    """What Go would not parse or run. `at` is an offset in the template where it would not parse."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


class NotRun(TemplateError):
    """A function that Grafana runs and dashgen does not: what the template prints is not known."""
