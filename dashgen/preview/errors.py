"""What keeps a preview from being shown."""

from __future__ import annotations

from dashgen.model.core.problems import DashgenError


class PreviewError(DashgenError):
    """`hint` says what to do."""
