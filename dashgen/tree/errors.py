"""What is wrong with a rendered tree, said in one way."""

from __future__ import annotations

from dashgen.model.core.problems import DashgenError

RENDER_AGAIN = "render it again: dashgen build"


class TreeError(DashgenError):
    """A tree can't be read or written, or is not there. `path` is the folder, or the file in it that is wrong."""
